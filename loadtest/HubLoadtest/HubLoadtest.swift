import ArgumentParser

@main
struct HubLoadtest: ParsableCommand {}
