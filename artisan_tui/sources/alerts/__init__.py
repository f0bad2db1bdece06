"""Where alerts are read and silences written: Alertmanager's v2 API, and the rules of a Prometheus."""
