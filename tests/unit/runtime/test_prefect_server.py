import stat

import pytest

from runtime.prefect_server import check_safe, prefect_environment, server_command


@pytest.fixture
def environment(tmp_path):
    return prefect_environment(tmp_path, 4201)


def test_the_environment_made_here_is_safe(environment):
    assert check_safe(environment) == []


def test_the_password_is_made_once_and_only_its_owner_can_read_it(tmp_path, environment):
    again = prefect_environment(tmp_path, 4201)
    file = tmp_path / "prefect" / "prefect-auth"
    assert again == environment
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert environment["PREFECT_SERVER_API_AUTH_STRING"] == file.read_text()


def test_two_installations_have_different_passwords(tmp_path):
    first, second = (prefect_environment(tmp_path / name, 4201) for name in ("a", "b"))
    assert first["PREFECT_API_AUTH_STRING"] != second["PREFECT_API_AUTH_STRING"]


def test_the_password_does_not_stand_on_the_command_line(environment):
    assert not any(environment["PREFECT_API_AUTH_STRING"] in word for word in server_command())


UNSAFE = [
    ("PREFECT_SERVER_API_HOST", "0.0.0.0"),
    ("PREFECT_SERVER_API_HOST", "192.168.1.20"),
    ("PREFECT_SERVER_API_HOST", "::"),
    ("PREFECT_API_URL", "http://prefect.example.com:4200/api"),
    ("PREFECT_SERVER_API_AUTH_STRING", ""),
    ("PREFECT_SERVER_API_AUTH_STRING", "admin:admin"),
    ("PREFECT_API_AUTH_STRING", ""),
    ("PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED", "false"),
    ("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "0"),
    ("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "false"),
    ("PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS", "*"),
    ("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "http://127.0.0.1:4200,*"),
    ("PREFECT_SERVER_ANALYTICS_ENABLED", "true"),
    ("DO_NOT_TRACK", "0"),
]


@pytest.mark.parametrize(("setting", "value"), UNSAFE)
def test_an_unsafe_setting_is_refused_by_name(environment, setting, value):
    assert [each.setting for each in check_safe(environment | {setting: value})] == [setting]


@pytest.mark.parametrize(
    "setting",
    [
        "PREFECT_API_URL",
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS",
        "PREFECT_SERVER_ANALYTICS_ENABLED",
        "DO_NOT_TRACK",
    ],
)
def test_a_missing_setting_counts_with_the_unsafe_default_of_prefect(environment, setting):
    del environment[setting]
    assert [each.setting for each in check_safe(environment)] == [setting]


@pytest.mark.parametrize("missing", ["PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"])
def test_the_password_must_be_known_at_both_ends(environment, missing):
    del environment[missing]
    assert [each.setting for each in check_safe(environment)] == [missing]


def test_different_passwords_at_the_two_ends_are_refused(environment):
    environment["PREFECT_API_AUTH_STRING"] = "guanka:another-long-password"
    assert [each.setting for each in check_safe(environment)] == ["PREFECT_API_AUTH_STRING"]


def test_a_refusal_tells_in_both_languages_what_to_set(environment):
    (unsafe,) = check_safe(environment | {"PREFECT_SERVER_API_HOST": "0.0.0.0"})
    assert (unsafe.sentence("zh"), unsafe.sentence("en")) == (
        "PREFECT_SERVER_API_HOST:Prefect 会被其他机器访问;请设为 127.0.0.1。",
        "PREFECT_SERVER_API_HOST: other machines could reach Prefect; set it to 127.0.0.1.",
    )
