"""What `config init` writes: a small file that works, and examples that only need their ``#`` removed.

A comment for reading begins with ``# `` and an example line with ``#`` alone, so that the
tests can uncomment every example and load the result.
"""

from __future__ import annotations

_ENGLISH = """\
# artisan-tui: what is watched, what is promised.
# Durations: "500ms" "30s" "5m" "6h" "7d". Secrets are never written here, only where they are
# kept: "env:NAME" or "file:PATH". Check this file with: artisan-tui config check

# The store's place instead of the state folder:
#database = "sqlite:////var/lib/artisan-tui/artisan.db"
# Files with runbooks instead of runbooks.toml beside this file:
#runbooks = ["runbooks.toml"]
# When the terminal is taken for another than it is:
#glyphs = "ascii"                 # auto | unicode | ascii
#mouse = "on"                     # auto | on | off

[artisan]
name = "My service"
environment = "staging"           # production | staging | drill; production asks twice
timezone = "UTC"                  # like "Asia/Seoul"
language = "en"                   # en | ko
#target = "local"                 # a [[target]]'s id; else the first, and $ARTISAN_TARGET overrides both

# Where numbers are read: a Prometheus, or /metrics endpoints directly, or both.
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
id = "health"                     # known everywhere as "web.health"
kind = "http"
url = "http://127.0.0.1:8000/health"
every = "30s"
timeout = "5s"
fall = 2                          # bad looks in a row before it is down
rise = 2                          # good looks in a row before it is up again
expect = ["status == 200"]        # all must hold, or the look is down
degraded = ["latency < 500ms"]    # when these do not, it is up but degraded

# A field of the JSON answer:
#[[service.check]]
#id = "database"
#kind = "http"
#url = "http://127.0.0.1:8000/health"
#expect = ["body.services.database == healthy"]
#needs = ["web.port"]             # when that fails too, it is to blame

# A port that must accept connections:
#[[service.check]]
#id = "port"
#kind = "tcp"
#address = "127.0.0.1:8000"
#targets = ["local"]              # watched in this [[target]] only; without the key, in every one

# A number; needs [metrics]:
#[[service.check]]
#id = "queue"
#kind = "measure"
#measure = { value = 'queue_length', agg = "max" }
#every = "1m"
#expect = ["value <= 100"]

# Promises. An error budget is what the objective leaves.
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

# When something may be broken and nobody is called: once, or again and again.
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

# A state that changes this often means nothing and calls nobody:
#[flapping]
#window = "10m"
#begin = 5                        # changes that begin it
#end = 2                          # fewer than these end it

# Other places where the same services run:
#[[target]]
#id = "local"

#[[target]]
#id = "staging"
#title = "Staging cluster"
#addresses = { "http://127.0.0.1:8000" = "http://web.staging.svc:8000" }
#context = "staging"
#namespace = "web"

# Other keys for what the screen can do; `?` on the screen lists it all:
#[keys]
#"check.run" = "f5"
#"view.copy" = "f6"
"""

_KOREAN = """\
# artisan-tui: 무엇을 지켜보고, 무엇을 약속하는가.
# 기간: "500ms" "30s" "5m" "6h" "7d". 비밀 값은 여기에 쓰지 않고 보관된 곳만 적습니다:
# "env:NAME" 또는 "file:PATH". 이 파일의 검사: artisan-tui config check

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
id = "health"                     # 어디서나 "web.health"로 부릅니다
kind = "http"
url = "http://127.0.0.1:8000/health"
every = "30s"
timeout = "5s"
fall = 2                          # 연속 몇 번 실패하면 down인가
rise = 2                          # 연속 몇 번 성공하면 다시 up인가
expect = ["status == 200"]        # 모두 맞아야 하며, 아니면 실패입니다
degraded = ["latency < 500ms"]    # 이것만 어긋나면 up이 아니라 degraded입니다

# JSON 응답의 필드:
#[[service.check]]
#id = "database"
#kind = "http"
#url = "http://127.0.0.1:8000/health"
#expect = ["body.services.database == healthy"]
#needs = ["web.port"]             # 이것도 실패하면 원인은 이쪽입니다

# 연결을 받아야 하는 포트:
#[[service.check]]
#id = "port"
#kind = "tcp"
#address = "127.0.0.1:8000"
#targets = ["local"]              # 이 [[target]]에서만 지켜봅니다; 없으면 어디서나

# 수치. [metrics]가 필요합니다:
#[[service.check]]
#id = "queue"
#kind = "measure"
#measure = { value = 'queue_length', agg = "max" }
#every = "1m"
#expect = ["value <= 100"]

# 약속. 목표가 남기는 것이 에러버짓입니다.
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

# 장애가 나도 아무도 호출하지 않는 점검 시간: 한 번, 또는 반복.
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

# 상태가 이만큼 자주 바뀌면 의미가 없으므로 아무도 호출하지 않습니다:
#[flapping]
#window = "10m"
#begin = 5                        # 이만큼 바뀌면 시작
#end = 2                          # 이보다 적어지면 끝

# 같은 서비스가 도는 다른 곳:
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
    """The starter with its comments in ``en`` or ``ko``; any other language gets English."""
    return _KOREAN if language == "ko" else _ENGLISH
