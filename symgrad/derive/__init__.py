"""Tactics: everything here may search and guess, because what it returns went through the kernel's rules."""
