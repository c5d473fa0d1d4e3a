"""symgrad: derive, check and bound the gradients of neural networks, every line a theorem.

Public names are resolved on first use, so that `import symgrad` costs next to nothing.
"""

from __future__ import annotations

__version__ = "0.1.0"
