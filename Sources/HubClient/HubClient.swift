// HubClient: see docs/ARCHITECTURE.md.
