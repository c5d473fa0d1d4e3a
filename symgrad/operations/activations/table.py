"""The activations about which the formula says everything. Names and defaults are torch.nn's where it has
them."""

from symgrad.operations.activations import Entry

SELU = {"alpha": "1.6732632423543772848170429916717", "scale": "1.0507009873554804934193349852946"}

ENTRIES = (
    # sigmoids
    Entry("arctan", "atan(x)", r"\arctan", aliases=("atan",)),
    Entry("erf", "erf(x)", r"\operatorname{erf}"),
    Entry("softsign", "x/(1 + abs(x))", r"\operatorname{softsign}", source="torch.nn.Softsign"),
    Entry("logsigmoid", "-softplus(-x)", r"\operatorname{logsigmoid}", source="torch.nn.LogSigmoid"),
    Entry("scaled_tanh", "1.7159*tanh(2*x/3)", r"\operatorname{stanh}",
          source="LeCun et al., Efficient BackProp"),
    Entry("gudermannian", "2*atan(tanh(x/2))", r"\operatorname{gd}", aliases=("gd",)),
    Entry("isru", "x/sqrt(1 + alpha*x**2)", r"\operatorname{ISRU}", {"alpha": "1"}, {"alpha": "alpha"},
          source="Carlile et al., arXiv:1710.09967"),
    Entry("isrlu", "x if x >= 0 else x/sqrt(1 + alpha*x**2)", r"\operatorname{ISRLU}", {"alpha": "1"},
          {"alpha": "alpha"}, source="Carlile et al., arXiv:1710.09967"),
    Entry("hardsigmoid", "min(1, max(0, x/6 + 1/2))", r"\operatorname{hardsigmoid}",
          source="torch.nn.Hardsigmoid"),
    Entry("hardtanh", "min(max_val, max(min_val, x))", r"\operatorname{hardtanh}",
          {"min_val": "-1", "max_val": "1"},
          {"max_val - min_val": "max_val - min_val"}, source="torch.nn.Hardtanh"),
    Entry("asinh", "asinh(x)", r"\operatorname{arsinh}", aliases=("arcsinh",)),
    Entry("symlog", "sign(x)*log(1 + abs(x))", r"\operatorname{symlog}",
          source="Hafner et al., arXiv:2301.04104"),
    # rectifiers
    Entry("relu6", "min(6, max(0, x))", r"\operatorname{ReLU6}", source="torch.nn.ReLU6"),
    Entry("threshold", "x if x > threshold else value", r"\operatorname{threshold}",
          {"threshold": "1", "value": "0"}, source="torch.nn.Threshold"),
    Entry("elu", "x if x > 0 else alpha*(exp(x) - 1)", r"\operatorname{ELU}", {"alpha": "1"},
          source="Clevert et al., ICLR 2016"),
    Entry("selu", "scale*x if x > 0 else scale*alpha*(exp(x) - 1)", r"\operatorname{SELU}", SELU,
          source="Klambauer et al., NeurIPS 2017"),
    Entry("celu", "x if x > 0 else alpha*(exp(x/alpha) - 1)", r"\operatorname{CELU}", {"alpha": "1"},
          {"alpha": "alpha"}, source="Barron, arXiv:1704.07483"),
    Entry("squareplus", "(x + sqrt(x**2 + b))/2", r"\operatorname{squareplus}", {"b": "4"}, {"b": "b"},
          source="Barron, arXiv:2112.11687"),
    Entry("bent_identity", "(sqrt(x**2 + 1) - 1)/2 + x", r"\operatorname{bent}"),
    Entry("squared_relu", "max(0, x)**2/2", r"\operatorname{ReLU}^2", source="So et al., arXiv:2109.08668"),
    Entry("bounded_squared_relu", "max(0, x)**2/(1 + x**2)", r"\operatorname{BReLU}"),
    # gated
    Entry("silu", "x*sigmoid(x)", r"\operatorname{SiLU}", source="Elfwing et al., 2018"),
    Entry("swish", "x*sigmoid(beta*x)", r"\operatorname{swish}", {"beta": "1"},
          source="Ramachandran et al., arXiv:1710.05941"),
    Entry("quick_gelu", "x*sigmoid(1.702*x)", r"\operatorname{GELU}_{\mathrm{quick}}",
          source="Hendrycks and Gimpel, arXiv:1606.08415"),
    Entry("gelu_tanh", "x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))", r"\operatorname{GELU}_{\tanh}",
          source="torch.nn.GELU(approximate='tanh')"),
    Entry("mish", "x*tanh(softplus(x))", r"\operatorname{mish}", source="Misra, arXiv:1908.08681"),
    Entry("hardswish", "x*min(6, max(0, x + 3))/6", r"\operatorname{hardswish}",
          source="Howard et al., ICCV 2019"),
    Entry("dsilu", "sigmoid(x)*(1 + x*(1 - sigmoid(x)))", r"\operatorname{dSiLU}",
          source="Elfwing et al., 2018"),
    Entry("logish", "x*log(1 + sigmoid(x))", r"\operatorname{logish}", source="Zhu et al., 2021"),
    Entry("serf", "x*erf(softplus(x))", r"\operatorname{serf}", source="Nag et al., WACV 2023"),
    Entry("smish", "x*tanh(log(1 + sigmoid(x)))", r"\operatorname{smish}", source="Wang et al., 2022"),
    # shrinking
    Entry("softshrink", "x - lambd if x > lambd else x + lambd if x < -lambd else 0",
          r"\operatorname{softshrink}",
          {"lambd": "0.5"}, {"lambd": "lambd"}, source="torch.nn.Softshrink"),
    # waves and bumps
    Entry("sin", "sin(x)", r"\sin", source="Sitzmann et al., NeurIPS 2020"),
    Entry("cos", "cos(x)", r"\cos"),
    Entry("snake", "x + sin(a*x)**2/a", r"\operatorname{snake}", {"a": "1"}, {"a": "a"},
          source="Ziyin et al., NeurIPS 2020"),
    Entry("growing_cosine", "x*cos(x)", r"\operatorname{GCU}", source="Noel et al., arXiv:2108.12943"),
    Entry("gaussian", "exp(-x**2)", r"\operatorname{gaussian}"),
    Entry("ricker", "(1 - x**2)*exp(-x**2/2)", r"\operatorname{ricker}", aliases=("mexican_hat",)),
    # growing
    Entry("square", "x**2", r"\operatorname{square}"),
    Entry("exponential", "exp(x)", r"\exp", aliases=("exp",)),
    Entry("logcosh", "log(cosh(x))", r"\operatorname{logcosh}"),
    Entry("abs", "abs(x)", r"\operatorname{abs}"),
)
