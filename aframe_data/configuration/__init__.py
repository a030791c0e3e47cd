"""Configuration files: from TOML or YAML to the values of requests and of providers' options."""
