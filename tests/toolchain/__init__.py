"""Tests of toolchain/: the scripts, and the plugins through a real `pulumi up`."""
