"""The whole story live: a real model, a real fault, real notifications, real kills, and a measured verdict.

It needs scikit-learn, which comes with `pip install 'slokeeper[demo]'`.
"""
