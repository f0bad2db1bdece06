"""The starter in Korean: line for line what `starter` says in English."""

from __future__ import annotations

KOREAN = """\
# artisan-tui: 서비스, 체크, SLO 설정.
# 기간: "500ms" "30s" "5m" "6h" "7d". 비밀 값은 여기에 쓰지 않고 참조만 적습니다:
# "env:NAME" 또는 "file:PATH". 이 파일의 검사: artisan-tui config check

# 상태 폴더 대신 쓸 저장소 위치:
#database = "sqlite:////var/lib/artisan-tui/artisan.db"
# 이 파일 옆의 runbooks.toml 대신 쓸 런북 파일:
#runbooks = ["runbooks.toml"]
# 이 파일 옆의 checklists/*.toml 대신 쓸 체크리스트 파일. artisan-tui checklist init 으로 기본 파일을 만듭니다:
#checklists = ["checklists/*.toml"]
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

# 다른 곳의 알림: Alertmanager 하나 또는 클러스터의 모든 멤버, 그리고 [metrics] prometheus의 규칙.
#[alerts]
#alertmanager = ["http://127.0.0.1:9093", "http://127.0.0.1:9094"]
#prometheus = true
#watchdog = "Watchdog"             # 항상 울리는 알림: 없으면 알림을 믿을 수 없습니다
#runbook_label = "runbook"

# 사람을 호출하고 알리는 채널. levels가 없으면 모든 심각도를 받습니다.
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
#server = "mail.example.com:587"  # STARTTLS 필수. 465 포트는 tls = true
#from = "artisan@example.com"
#to = ["oncall@example.com"]
#user = "artisan"
#password = "env:MAIL_PASSWORD"
#fallback = true                  # 다른 모든 채널의 호출이 실패했을 때만 사용

#[[notify]]
#id = "own"
#kind = "webhook"
#url = "env:NOTIFY_URL"
#secret = "env:NOTIFY_SECRET"     # 시각과 본문에 서명

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
name = "웹"

[[service.check]]
id = "health"                     # 전체 이름은 "web.health"입니다
kind = "http"
url = "http://127.0.0.1:8000/health"
expect = ["status == 200"]        # 모두 만족해야 하며, 아니면 프로브 실패입니다
degraded = ["latency < 500ms"]    # 이것만 만족하지 않으면 degraded입니다

# 종류마다 예 하나씩. 생략할 수 있는 키는 `artisan-tui config schema`에 있습니다.
# JSON 응답의 필드. needs의 체크도 실패하면 그것이 원인입니다:
#[[service.check]]
#id = "database"
#kind = "http"
#url = "http://127.0.0.1:8000/health"
#expect = ["body.services.database == healthy"]
#needs = ["web.port"]

# 연결을 받아야 하는 포트. 이 [[target]]에서만 프로브합니다:
#[[service.check]]
#id = "port"
#kind = "tcp"
#address = "127.0.0.1:8000"
#targets = ["local"]

# 이름 풀이가 되어야 하는 이름. 시스템의 네임 서버에 묻습니다:
#[[service.check]]
#id = "name"
#kind = "dns"
#query = "example.com"

# gRPC 헬스 서비스:
#[[service.check]]
#id = "rpc"
#kind = "grpc"
#address = "127.0.0.1:50051"

# 신호를 보내야 하는 작업: POST /heartbeat/web.nightly, 또는 `file`로 파일 갱신:
#[[service.check]]
#id = "nightly"
#kind = "heartbeat"
#push = true
#within = "25h"

# systemd 유닛:
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

# 직접 만든 프로그램. 종료 코드 0이면 up입니다:
#[[service.check]]
#id = "backup"
#kind = "command"
#run = ["/usr/local/bin/check-backup"]

# [metrics]의 수치:
#[[service.check]]
#id = "queue"
#kind = "measure"
#measure = { value = 'queue_length', agg = "max" }
#expect = ["value <= 100"]

# 직접 쓴 질의. [metrics] prometheus가 필요합니다:
#[[service.check]]
#id = "errors"
#kind = "promql"
#query = "sum(rate(http_errors_total[5m]))"
#expect = ["value < 1"]

# 이 머신. expect가 없으면 사용률 90 %까지 정상입니다.
#[[service.check]]
#id = "disk"
#kind = "disk"
#path = "/"

#[[service.check]]
#id = "memory"
#kind = "memory"

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

# 사람과 당직 교대. id가 로그인 이름이며, 다르면 `logins`에 적습니다.
#[[person]]
#id = "alice"
#contacts = { email = "alice@example.com", slack = "U012AB3CD" }

#[[rotation]]
#id = "primary"
#people = ["alice"]
#from = "2026-11-20"              # 첫 근무가 시작되는 날. 시각은 handoff를 따릅니다
#handoff = "fri 17:00"

# 확인 기한, 그리고 기한의 1배·2배·4배가 지나면 알릴 사람. Sev3와 Sev4는 업무 시간만 셉니다.
#[escalation]
#levels = { L2 = ["alice"] }
#acknowledge = { Sev1 = "15m", Sev2 = "30m", Sev3 = "60m", Sev4 = "4h" }
#business_hours = { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "17:00" }

# 누가 무엇을 할 수 있는지. 로그인 이름이나 시스템 그룹 "group:이름"으로 적습니다. 없으면 모두가 모든 것을 할 수 있습니다.
#[access]
#responder = ["group:oncall"]
#commander = ["alice"]

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

# 화면 동작에 쓸 다른 키. 모든 id와 지금의 키입니다:
#[keys]
"""
