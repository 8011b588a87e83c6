import os

# Compiling dominates the suite; both options trade the speed of the compiled code for that of the compiler.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0")

import jax

jax.config.update("jax_enable_x64", True)
