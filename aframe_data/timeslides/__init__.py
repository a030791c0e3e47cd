"""The arithmetic of time slides: where injections lie in shifted background."""
