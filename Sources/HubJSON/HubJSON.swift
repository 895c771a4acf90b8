// HubJSON: see docs/ARCHITECTURE.md.
