// HubServer: see docs/ARCHITECTURE.md.
