"""What plugins that talk to servers over HTTP share. It gives no provider."""
