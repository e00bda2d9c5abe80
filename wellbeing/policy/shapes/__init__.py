"""The shapes of the policy, one module per file in `config/`; import them from `policy.model`."""
