"""Networks: what they are as data (`network`), and the theory of the dense network and of the chain."""
