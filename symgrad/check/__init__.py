"""Claims about gradients: proved, refuted and corrected, or defined; the runner that checks files of them."""
