"""What a use case may know: the handler contract, problems, and one module per port with its entities."""
