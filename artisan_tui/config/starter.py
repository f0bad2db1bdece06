"""The file that `config init` writes: a small working configuration with examples to uncomment.

A comment begins with ``# `` and an example line with ``#`` alone, so that the tests can uncomment every
example and load the result.
"""

from __future__ import annotations

_ENGLISH = """\
# artisan-tui: services, checks and SLOs.
# Durations: "500ms" "30s" "5m" "6h" "7d". Secrets are never written here, only
# references: "env:NAME" or "file:PATH". Check this file with: artisan-tui config check

# Database URL of the store, instead of the state folder:
#database = "sqlite:////var/lib/artisan-tui/artisan.db"
# Files with runbooks instead of runbooks.toml beside this file:
#runbooks = ["runbooks.toml"]
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

#[alerts]
#alertmanager = "http://127.0.0.1:9093"

[[service]]
id = "web"
name = "Web"

[[service.check]]
id = "health"                     # full name: "web.health"
kind = "http"
url = "http://127.0.0.1:8000/health"
every = "30s"
timeout = "5s"
fall = 2                          # failed probes in a row before it is down
rise = 2                          # successful probes in a row before it is up again
expect = ["status == 200"]        # all must hold, or the probe fails
degraded = ["latency < 500ms"]    # when these do not hold, it is degraded

# A field of the JSON answer:
#[[service.check]]
#id = "database"
#kind = "http"
#url = "http://127.0.0.1:8000/health"
#expect = ["body.services.database == healthy"]
#needs = ["web.port"]             # when that fails too, it is the cause

# A port that must accept connections:
#[[service.check]]
#id = "port"
#kind = "tcp"
#address = "127.0.0.1:8000"
#targets = ["local"]              # probed in this [[target]] only; without the key, in all

# A number; needs [metrics]:
#[[service.check]]
#id = "queue"
#kind = "measure"
#measure = { value = 'queue_length', agg = "max" }
#every = "1m"
#expect = ["value <= 100"]

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

# Other keys for actions on the screen; `?` on the screen lists them all:
#[keys]
#"check.run" = "f5"
#"view.copy" = "f6"
"""

_KOREAN = """\
# artisan-tui: 서비스, 체크, SLO 설정.
# 기간: "500ms" "30s" "5m" "6h" "7d". 비밀 값은 여기에 쓰지 않고 참조만 적습니다:
# "env:NAME" 또는 "file:PATH". 설정 확인: artisan-tui config check

# 상태 폴더 대신 쓸 저장소 위치:
#database = "sqlite:////var/lib/artisan-tui/artisan.db"
# 이 파일 옆의 runbooks.toml 대신 쓸 런북 파일:
#runbooks = ["runbooks.toml"]
# 터미널을 잘못 알아볼 때:
#glyphs = "ascii"                 # auto | unicode | ascii
#mouse = "on"                     # auto | on | off

[artisan]
name = "내 서비스"
environment = "staging"           # production | staging | drill; production은 한 번 더 확인합니다
timezone = "Asia/Seoul"
language = "ko"                   # en | ko
#target = "local"                 # [[target]]의 id; 없으면 첫 번째, $ARTISAN_TARGET이 둘보다 우선합니다

# 수치를 읽는 곳: Prometheus, /metrics 엔드포인트, 또는 둘 다.
#[metrics]
#scrape = ["http://127.0.0.1:8000/metrics"]
#prometheus = "http://127.0.0.1:9090"
#timeout = "5s"
#every = "15s"
#headers = { "X-Scope-OrgID" = "my-team" }
#bearer_token = "env:PROM_TOKEN"

#[alerts]
#alertmanager = "http://127.0.0.1:9093"

[[service]]
id = "web"
name = "웹"

[[service.check]]
id = "health"                     # 전체 이름은 "web.health"입니다
kind = "http"
url = "http://127.0.0.1:8000/health"
every = "30s"
timeout = "5s"
fall = 2                          # 프로브가 연속 이만큼 실패하면 down
rise = 2                          # 프로브가 연속 이만큼 성공하면 up
expect = ["status == 200"]        # 모두 만족해야 하며, 아니면 프로브 실패입니다
degraded = ["latency < 500ms"]    # 이것만 만족하지 않으면 degraded입니다

# JSON 응답의 필드:
#[[service.check]]
#id = "database"
#kind = "http"
#url = "http://127.0.0.1:8000/health"
#expect = ["body.services.database == healthy"]
#needs = ["web.port"]             # 이 체크도 실패하면 이것이 원인입니다

# 연결을 받아야 하는 포트:
#[[service.check]]
#id = "port"
#kind = "tcp"
#address = "127.0.0.1:8000"
#targets = ["local"]              # 이 [[target]]에서만 프로브합니다; 없으면 전부

# 수치. [metrics]가 필요합니다:
#[[service.check]]
#id = "queue"
#kind = "measure"
#measure = { value = 'queue_length', agg = "max" }
#every = "1m"
#expect = ["value <= 100"]

# SLO. 에러버짓은 목표가 허용하는 위반 비율입니다.
#[[slo]]
#id = "availability"
#name = "가용성"
#objective = "99.9%"
#window = "30d"
#sli = { kind = "events", total = 'http_requests_total', bad = 'http_requests_total{status=~"5.."}' }

#[[slo]]
#id = "probes"
#objective = "99.5%"
#window = "month"
#sli = { kind = "checks", checks = ["web.health"] }

# 점검 시간: 호출하지 않고 에러버짓도 쓰지 않습니다. 한 번, 또는 반복.
#[[maintenance]]
#id = "move"
#reason = "new rack"
#start = "2026-12-01T22:00:00+09:00"
#for = "2h"                       # 또는 end = "…"

#[[maintenance]]
#id = "backup"
#reason = "weekly backup"
#covers = ["web.health"]          # 체크 또는 서비스; 없으면 전부
#days = ["sun"]                   # 없으면 매일
#from = "02:00"
#to = "04:00"
#zone = "UTC"                     # 없으면 위의 timezone

# 플래핑: 상태가 이만큼 자주 바뀌면 호출하지 않습니다:
#[flapping]
#window = "10m"
#begin = 5                        # 이만큼 바뀌면 플래핑 시작
#end = 2                          # 이보다 적어지면 플래핑 종료

# 같은 서비스가 실행되는 다른 대상:
#[[target]]
#id = "local"

#[[target]]
#id = "staging"
#title = "Staging cluster"
#addresses = { "http://127.0.0.1:8000" = "http://web.staging.svc:8000" }
#context = "staging"
#namespace = "web"

# 화면 동작에 쓸 다른 키. 화면에서 `?`를 누르면 동작이 모두 나옵니다:
#[keys]
#"check.run" = "f5"
#"view.copy" = "f6"
"""


def starter_text(language: str = "en") -> str:
    """The file with comments in Korean for ``ko``, else in English."""
    return _KOREAN if language == "ko" else _ENGLISH
