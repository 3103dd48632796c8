"""The actions that are measured."""
