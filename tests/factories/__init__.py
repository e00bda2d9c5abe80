"""What tests make: one module per room, real operations underneath."""
