"""Speed, beside peers and in ratios of one run: ``python -m bench [--size small|full] [CASE …]``.

Each file of ``bench/cases`` holds one case, which registers itself; what it promises is stated there. Absolute times
tell about the machine, the ratios about Lodeline.
"""
