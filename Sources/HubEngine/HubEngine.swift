// HubEngine: see docs/ARCHITECTURE.md.
