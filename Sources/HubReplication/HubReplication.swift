// HubReplication: see docs/ARCHITECTURE.md.
