import ArgumentParser

@main
struct HubBench: ParsableCommand {}
