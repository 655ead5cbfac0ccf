"""`python -m helpdesk.demo.phones`: serves the phone simulator until it is told to stop."""

import signal
from pathlib import Path

import click

from helpdesk.demo.phones.app import listening
from helpdesk.demo.phones.settings import merged_environment, settings_from
from helpdesk.domain.errors import ConfigurationError


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port to listen on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--app-url", default="http://127.0.0.1:8000", show_default=True, help="Where the helpdesk answers."
)
@click.option(
    "--env",
    "env_file",
    type=click.Path(path_type=Path),
    help="File of HELPDESK_ settings; the environment wins.",
)
@click.option(
    "--status-delay",
    type=click.FloatRange(min=0),
    default=0.3,
    show_default=True,
    help="Seconds between statuses.",
)
def main(port: int, host: str, app_url: str, env_file: Path | None, status_delay: float) -> None:
    """Play Twilio, Telegram and the Mitra's phones.

    Example: python -m helpdesk.demo.phones --port 8001 --app-url http://127.0.0.1:8000 --env var/demo.env
    """
    try:
        settings = settings_from(
            merged_environment(env_file),
            app_url=app_url,
            port=port,
            host=host,
            status_delay_seconds=status_delay,
        )
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None
    # A shell starts background jobs with SIGINT ignored; both signals must end this process cleanly.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    with listening(settings) as (server, address):
        click.echo(f"Phone simulator: {address}")
        server.serve_forever()  # werkzeug ends it quietly on KeyboardInterrupt


if __name__ == "__main__":
    main()
