import Glibc

/// Natural logarithm: paths need no bit-equality between machines, only between bot and checker, which share them.
func logarithm(_ x: Double) -> Double { log(x) }
