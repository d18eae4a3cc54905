/// The version of Pith, as reports state it.
public let pithVersion = "0.1.0"
