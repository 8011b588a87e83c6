"""What is played: hyper-parameters, fields, losses, penalties, the Dirac-GAN, and transforms of fields."""
