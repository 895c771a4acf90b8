import Glibc

/// Natural logarithm: paths need no bit-equality between machines, only between bot and checker, which share them.
func logarithm(_ x: Double) -> Double { log(x) }

/// One half to the power of `x`.
func power(_ x: Double) -> Double { exp2(-x) }
