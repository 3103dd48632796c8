"""The actions of the service, and one that takes its time."""

from pathlib import Path

import handlers

__path__.append(str(Path(handlers.__file__).parent))
