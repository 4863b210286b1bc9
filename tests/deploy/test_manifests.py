"""The manifests as production gets them: valid, restricted, and in line with the platform."""

import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

ROOT = Path(settings.BASE_DIR)
OVERLAY = ROOT / "k8s" / "overlays" / "production"
OLDEST = "1.33"
# Whoever is asked to end does so at once, but for these.
RELAY_STOPS_SECONDS = 5
SPARE_SECONDS = 5
RESERVED_CONNECTIONS = 20
Manifest = Mapping[str, Any]


@cache
def manifests() -> list[Manifest]:
    """What kustomize makes of the overlay."""
    kubectl = Path(sys.executable).parent / "kubectl"
    built = subprocess.run(
        [kubectl, "kustomize", OVERLAY], capture_output=True, check=True, text=True
    )
    return list(yaml.load_all(built.stdout, yaml.CSafeLoader))


def of_kind(*kinds: str) -> list[Manifest]:
    return [one for one in manifests() if one["kind"] in kinds]


def named(kind: str, name: str) -> Manifest:
    [found] = [one for one in of_kind(kind) if one["metadata"]["name"] == name]
    return found


def pods() -> dict[str, Manifest]:
    """The pod templates by the names of what makes them."""
    made = of_kind("Deployment", "Job")
    return {one["metadata"]["name"]: one["spec"]["template"] for one in made}


def container(name: str) -> Manifest:
    [only] = pods()[name]["spec"]["containers"]
    return dict(only)


def config(name: str) -> dict[str, str]:
    [found] = [
        one for one in of_kind("ConfigMap") if one["metadata"]["name"].startswith(f"{name}-")
    ]
    return dict(found["data"])


def option(command: list[str], name: str) -> int:
    """The number after an option of a command; a variable is one of the settings."""
    value = command[command.index(name) + 1]
    variable = re.fullmatch(r"\$\((\w+)\)", value)
    return int(config("settings")[variable[1]] if variable else value)


def test_each_is_what_kubernetes_takes() -> None:
    for manifest in manifests():
        kubernetes_validate.validate(manifest, OLDEST, strict=True)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kind": "Deploiment"}, kubernetes_validate.SchemaNotFoundError),
        ({"apiVersion": "apps/v0"}, kubernetes_validate.SchemaNotFoundError),
        ({"spce": {}}, kubernetes_validate.ValidationError),
    ],
)
def test_what_kubernetes_does_not_know_is_found(change: Manifest, error: type[Exception]) -> None:
    with pytest.raises(error):
        kubernetes_validate.validate({**named("Deployment", "web"), **change}, OLDEST, strict=True)


def test_every_pod_is_restricted() -> None:
    for name, pod in pods().items():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"], name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert container(name)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
    [namespace] = of_kind("Namespace")
    labels = namespace["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_pod_says_what_it_needs_and_what_it_is() -> None:
    for name, pod in pods().items():
        resources = container(name)["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys(), name
        assert "memory" in resources["limits"], name
        for what in ("name", "component", "part-of"):
            assert f"app.kubernetes.io/{what}" in pod["metadata"]["labels"], name
        image = container(name)["image"]
        assert re.fullmatch(r"\S+/waitlessq(-edge)?:[\w.]+", image), name


def test_every_component_has_rules_for_its_traffic_and_all_else_is_denied() -> None:
    rules = {
        one["metadata"]["name"]: one["spec"]["podSelector"] for one in of_kind("NetworkPolicy")
    }
    assert rules.pop("default-deny") == {}
    assert named("NetworkPolicy", "default-deny")["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert rules == {
        name: {"matchLabels": {"app.kubernetes.io/component": name}} for name in pods()
    }


def test_what_has_several_pods_loses_one_at_a_time() -> None:
    several = {one["metadata"]["name"] for one in of_kind("Deployment")} - {"beat"}
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind("PodDisruptionBudget")}
    assert budgets.keys() == several
    for name, budget in budgets.items():
        assert budget["selector"]["matchLabels"] == {"app.kubernetes.io/component": name}
        assert budget["maxUnavailable"] == 1


def test_there_is_one_beat_and_never_two() -> None:
    spec = named("Deployment", "beat")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_every_variable_is_one_of_the_settings() -> None:
    source = (ROOT / "waitlessq" / "settings.py").read_text()
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    read.add("PROMETHEUS_MULTIPROC_DIR")  # prometheus_client's own
    given = set(config("settings"))
    for name in ("web", "relay", "worker", "beat", "migrate"):
        given |= {variable["name"] for variable in container(name)["env"]}
        assert container(name)["envFrom"][0]["configMapRef"]["name"].startswith("settings-")
    assert given <= read
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"} <= given


def test_secrets_are_named_and_nowhere_written_down() -> None:
    assert of_kind("Secret") == []
    for name in ("web", "relay", "worker", "beat", "migrate"):
        assert all("secretKeyRef" in one["valueFrom"] for one in container(name)["env"])
    secret = {one["name"] for one in container("web")["env"]}
    assert secret.isdisjoint(config("settings"))


def test_connections_at_the_most_pods_fit_into_what_a_server_takes() -> None:
    given = config("settings")
    web, scaler = named("Deployment", "web")["spec"], named("HorizontalPodAutoscaler", "web")
    pods_of_web = scaler["spec"]["maxReplicas"] + web["strategy"]["rollingUpdate"]["maxSurge"]
    assert pods_of_web == int(given["WEB_PODS_MAX"])
    processes = pods_of_web * int(given["WEB_WORKERS"])
    assert option(container("web")["command"], "--workers") == int(given["WEB_WORKERS"])
    others = RESERVED_CONNECTIONS + 1
    for name in ("relay", "worker"):
        spec = named("Deployment", name)["spec"]
        count = spec["replicas"] + spec["strategy"]["rollingUpdate"]["maxSurge"]
        children = option(container(name)["command"], "--concurrency") if name == "worker" else 0
        others += count * (1 + 2 * children)
    for kind in ("DATABASE", "REPLICA"):
        pool = int(given[f"{kind}_POOL_SIZE"]) + int(given[f"{kind}_POOL_OVERFLOW"])
        # Fewer than its threads would make requests wait for each other.
        assert pool >= option(container("web")["command"], "--threads")
        assert processes * pool + others <= int(given["DATABASE_CONNECTIONS"])


def test_every_probe_asks_for_what_there_is() -> None:
    served = {
        "edge": config("edge-place")["edge.conf"],
        "streams": (ROOT / "deploy" / "nginx" / "streams.conf").read_text(),
    }
    for name in ("edge", "streams", "web"):
        one = container(name)
        assert {"readinessProbe", "livenessProbe"} <= one.keys()
        ports = {port["name"] for port in one["ports"]}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe not in one:
                continue
            asked = one[probe]["httpGet"]
            assert asked["port"] in ports
            if name == "web":
                assert resolve(asked["path"])
                [host] = asked["httpHeaders"]
                assert host["value"] in config("settings")["ALLOWED_HOSTS"].split(",")
            else:
                assert f"location = {asked['path']} {{" in served[name]


def stop_seconds(name: str) -> int:
    """How long a component takes to end once it is asked to."""
    if name == "web":
        return option(container(name)["command"], "--graceful-timeout")
    if name in {"edge", "streams"}:
        text = (ROOT / "deploy" / "nginx" / f"{name}.conf").read_text()
        found = re.search(r"^worker_shutdown_timeout (\d+)s;", text, re.MULTILINE)
        assert found
        return int(found[1])
    if name == "worker":
        return int(settings.CELERY_TASK_TIME_LIMIT)
    return RELAY_STOPS_SECONDS


def test_everybody_has_the_time_to_end_what_they_do() -> None:
    for one in of_kind("Deployment"):
        name = one["metadata"]["name"]
        hook = container(name).get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        needed = hook.get("seconds", 0) + stop_seconds(name) + SPARE_SECONDS
        spec = pods()[name]["spec"]
        assert spec["terminationGracePeriodSeconds"] >= needed, name
        is_asked_by_others = name in {"edge", "streams", "web"}
        assert bool(hook) == is_asked_by_others, name


def test_every_service_leads_to_a_port_that_is_there() -> None:
    for service in of_kind("Service"):
        name = service["spec"]["selector"]["app.kubernetes.io/component"]
        ports = {port["name"] for port in container(name)["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_the_publisher_finds_all_shards_before_pages_do() -> None:
    [url] = config("settings")["STREAM_SHARDS"].split(",")
    parts = urlsplit(url)
    service = named("Service", str(parts.hostname))["spec"]
    assert service["clusterIP"] == "None"
    assert service["publishNotReadyAddresses"] is True
    assert parts.port in {port["port"] for port in service["ports"]}
    assert f"listen {parts.port};" in config("streams-place")["publish-listen.conf"]
    probe = container("streams")["readinessProbe"]
    # Looked up every 5 s, and remembered for up to 5 s by those who answer names.
    assert probe["initialDelaySeconds"] >= 10


def test_apps_may_connect_to_where_streams_are() -> None:
    parts = urlsplit(config("settings")["STREAMS_URL"])
    assert f'" {parts.scheme}://{parts.netloc}"' in config("edge-place")["streams-source.conf"]


def test_the_edge_names_services_that_there_are() -> None:
    text = config("edge-place")["edge.conf"]
    for host, port in re.findall(r"server ([a-z-]+):(\d+);", text):
        assert int(port) in {one["port"] for one in named("Service", host)["spec"]["ports"]}


def test_web_believes_the_edge_whom_it_speaks_for_and_nobody_else_reaches_it() -> None:
    assert config("settings")["TRUSTED_PROXIES"]
    rules = named("NetworkPolicy", "web")["spec"]["ingress"]
    reached = {port["port"]: rule["from"] for rule in rules for port in rule["ports"]}
    assert reached.keys() == {8000, int(config("settings")["METRICS_PORT"])}
    [edge] = reached[8000]
    assert edge["podSelector"]["matchLabels"] == {"app.kubernetes.io/component": "edge"}


def test_whoever_publishes_in_a_request_may_write_and_reach_a_bucket() -> None:
    for name in ("web", "worker"):
        [mount] = [one for one in container(name)["volumeMounts"] if one["name"] == "files"]
        [volume] = [one for one in pods()[name]["spec"]["volumes"] if one["name"] == "files"]
        assert not mount.get("readOnly"), name
        assert not volume["persistentVolumeClaim"].get("readOnly"), name
        rules = named("NetworkPolicy", name)["spec"]["egress"]
        assert 443 in {port["port"] for rule in rules for port in rule["ports"]}, name


def test_figures_are_served_on_a_port_of_their_own() -> None:
    port = int(config("settings")["METRICS_PORT"])
    for name in ("web", "relay", "worker", "beat"):
        ports = {one["name"]: one["containerPort"] for one in container(name)["ports"]}
        assert ports["metrics"] == port
    for name in ("relay", "worker", "beat"):
        [rule] = named("NetworkPolicy", name)["spec"]["ingress"]
        assert [one["port"] for one in rule["ports"]] == [port]
        # What they do else, they do for nobody who asks.
        assert container(name)["livenessProbe"]["httpGet"] == {
            "path": "/metrics",
            "port": "metrics",
        }
    served = {one["port"] for service in of_kind("Service") for one in service["spec"]["ports"]}
    assert port not in served


def test_every_command_of_the_platform_exists() -> None:
    source = "\n".join(" ".join(container(name)["command"]) for name in pods())
    for command in re.findall(r"manage\.py (\w+)", source):
        assert command in get_commands()
    assert settings.WSGI_APPLICATION.rpartition(".")[0] == container("web")["command"][1]


def test_every_app_is_in_the_image() -> None:
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    ours = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    assert ours <= allowed
    assert {"manage.py", "gunicorn.conf.py"} <= allowed
    copied = re.findall(r"^COPY (requirements\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert set(copied) <= allowed
