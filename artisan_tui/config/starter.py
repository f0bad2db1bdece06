"""The file that `config init` writes: a small working configuration with examples to uncomment.

A comment begins with ``# `` and an example line with ``#`` alone, so that the tests can uncomment every
example and load the result.
"""

from __future__ import annotations

import gettext

from artisan_tui.config.key_ids import KEY_IDS
from artisan_tui.config.starter_korean import KOREAN
from artisan_tui.i18n import LOCALES

_ENGLISH = """\
# artisan-tui: services, checks and SLOs.
# Durations: "500ms" "30s" "5m" "6h" "7d". Secrets are never written here, only
# references: "env:NAME" or "file:PATH". Check this file with: artisan-tui config check

# Database URL of the store, instead of the state folder:
#database = "sqlite:////var/lib/artisan-tui/artisan.db"
# Files with runbooks instead of runbooks.toml beside this file:
#runbooks = ["runbooks.toml"]
# Files with checklists instead of checklists/*.toml beside this file; artisan-tui checklist init writes some:
#checklists = ["checklists/*.toml"]
# When the terminal is detected wrongly:
#glyphs = "ascii"                 # auto | unicode | ascii
#mouse = "on"                     # auto | on | off

[artisan]
name = "My service"
environment = "staging"           # production | staging | drill; production asks twice
timezone = "UTC"                  # like "Asia/Seoul"
language = "en"                   # en | ko
#target = "local"                 # a [[target]]'s id; else the first, and $ARTISAN_TARGET overrides both

# Metrics backend: a Prometheus, or /metrics endpoints directly, or both.
#[metrics]
#scrape = ["http://127.0.0.1:8000/metrics"]
#prometheus = "http://127.0.0.1:9090"
#timeout = "5s"
#every = "15s"
#headers = { "X-Scope-OrgID" = "my-team" }
#bearer_token = "env:PROM_TOKEN"

# Alerts of others: an Alertmanager or all members of a cluster, and the rules of [metrics] prometheus.
#[alerts]
#alertmanager = ["http://127.0.0.1:9093", "http://127.0.0.1:9094"]
#prometheus = true
#watchdog = "Watchdog"             # the alert that always fires: without it alerting is blind
#runbook_label = "runbook"

# Channels that page people and tell them. Without levels a channel gets every severity.
#[[notify]]
#id = "ops"
#kind = "slack"
#url = "env:SLACK_WEBHOOK"

#[[notify]]
#id = "oncall"
#kind = "pagerduty"
#routing_key = "env:PAGERDUTY_KEY"
#levels = ["Sev1", "Sev2"]

#[[notify]]
#id = "mail"
#kind = "email"
#server = "mail.example.com:587"  # STARTTLS is required; tls = true for port 465
#from = "artisan@example.com"
#to = ["oncall@example.com"]
#user = "artisan"
#password = "env:MAIL_PASSWORD"
#fallback = true                  # used when every other channel of a page failed

#[[notify]]
#id = "own"
#kind = "webhook"
#url = "env:NOTIFY_URL"
#secret = "env:NOTIFY_SECRET"     # signs time and body

#[[notify]]
#id = "program"
#kind = "command"
#run = ["/usr/local/bin/tell-them"]

#[[notify]]
#id = "bell"
#kind = "terminal"
#osc = "777"                      # 9 | 777 | none

[[service]]
id = "web"
name = "Web"

[[service.check]]
id = "health"                     # full name: "web.health"
kind = "http"
url = "http://127.0.0.1:8000/health"
expect = ["status == 200"]        # all must hold, or the probe fails
degraded = ["latency < 500ms"]    # when these do not hold, it is degraded

# An example of every kind; what a key may leave out is in `artisan-tui config schema`.
# A field of the JSON answer; when what it needs fails too, that is the cause:
#[[service.check]]
#id = "database"
#kind = "http"
#url = "http://127.0.0.1:8000/health"
#expect = ["body.services.database == healthy"]
#needs = ["web.port"]

# A port that must accept connections; probed in this [[target]] only:
#[[service.check]]
#id = "port"
#kind = "tcp"
#address = "127.0.0.1:8000"
#targets = ["local"]

# A name that must resolve, asked of the system's name servers:
#[[service.check]]
#id = "name"
#kind = "dns"
#query = "example.com"

# The health service of gRPC:
#[[service.check]]
#id = "rpc"
#kind = "grpc"
#address = "127.0.0.1:50051"

# A job that must call: POST /heartbeat/web.nightly, or touch a file with `file`:
#[[service.check]]
#id = "nightly"
#kind = "heartbeat"
#push = true
#within = "25h"

# A unit of systemd:
#[[service.check]]
#id = "unit"
#kind = "systemd"
#unit = "nginx.service"

#[[service.check]]
#id = "cache"
#kind = "redis"
#address = "127.0.0.1:6379"

#[[service.check]]
#id = "login"
#kind = "postgres"
#url = "postgresql://monitor@127.0.0.1:5432/web"
#password = "env:PGPASSWORD"

#[[service.check]]
#id = "container"
#kind = "docker"
#container = "web"

#[[service.check]]
#id = "pods"
#kind = "kubernetes"
#deployment = "web"

# A program of your own; exit code 0 is up:
#[[service.check]]
#id = "backup"
#kind = "command"
#run = ["/usr/local/bin/check-backup"]

# A number of [metrics]:
#[[service.check]]
#id = "queue"
#kind = "measure"
#measure = { value = 'queue_length', agg = "max" }
#expect = ["value <= 100"]

# A query of your own; needs [metrics] prometheus:
#[[service.check]]
#id = "errors"
#kind = "promql"
#query = "sum(rate(http_errors_total[5m]))"
#expect = ["value < 1"]

# This machine: at most 90 % in use, unless expect says otherwise.
#[[service.check]]
#id = "disk"
#kind = "disk"
#path = "/"

#[[service.check]]
#id = "memory"
#kind = "memory"

# SLOs. The error budget is the share that the objective allows to be bad.
#[[slo]]
#id = "availability"
#name = "Availability"
#objective = "99.9%"
#window = "30d"
#sli = { kind = "events", total = 'http_requests_total', bad = 'http_requests_total{status=~"5.."}' }

#[[slo]]
#id = "probes"
#objective = "99.5%"
#window = "month"
#sli = { kind = "checks", checks = ["web.health"] }

# Maintenance windows: no paging, no budget burn. One-time or recurring.
#[[maintenance]]
#id = "move"
#reason = "new rack"
#start = "2026-12-01T22:00:00+09:00"
#for = "2h"                       # or end = "…"

#[[maintenance]]
#id = "backup"
#reason = "weekly backup"
#covers = ["web.health"]          # checks or services; without the key, everything
#days = ["sun"]                   # without the key, every day
#from = "02:00"
#to = "04:00"
#zone = "UTC"                     # else the timezone above

# People, and who takes turns on call. A person's id is the login, unless `logins` names others.
#[[person]]
#id = "alice"
#contacts = { email = "alice@example.com", slack = "U012AB3CD" }

#[[rotation]]
#id = "primary"
#people = ["alice"]
#from = "2026-11-20"              # the first shift begins on this day, at the time of handoff
#handoff = "fri 17:00"

# Deadlines to acknowledge, and who is told after 1, 2 and 4 times of them. Sev3, Sev4: in business hours.
#[escalation]
#levels = { L2 = ["alice"] }
#acknowledge = { Sev1 = "15m", Sev2 = "30m", Sev3 = "60m", Sev4 = "4h" }
#business_hours = { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "17:00" }

# Who may do what, by login or "group:NAME" of the system. Without this table everybody may do all.
#[access]
#responder = ["group:oncall"]
#commander = ["alice"]

# Flapping: a check that changes state this often is not paged:
#[flapping]
#window = "10m"
#begin = 5                        # flapping begins at this many changes
#end = 2                          # flapping ends below this many

# Other targets where the same services run:
#[[target]]
#id = "local"

#[[target]]
#id = "staging"
#title = "Staging cluster"
#addresses = { "http://127.0.0.1:8000" = "http://web.staging.svc:8000" }
#context = "staging"
#namespace = "web"

# Other keys for actions on the screen. These are all ids, with the keys that they have now:
#[keys]
"""


def starter_text(language: str = "en") -> str:
    """The file with comments in Korean for ``ko``, else in English."""
    text = KOREAN if language == "ko" else _ENGLISH
    translate = gettext.translation("artisan_tui", LOCALES, [language], fallback=True).gettext
    keys = (f'#"{each.id}" = "{each.key}"'.ljust(33) + f" # {translate(each.title)}\n" for each in KEY_IDS)
    return text + "".join(keys)
