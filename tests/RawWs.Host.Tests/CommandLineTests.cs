using Microsoft.Extensions.Logging;
using RawWs.Transport;

namespace RawWs.Host.Tests;

public class CommandLineTests
{
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));

    [Fact]
    public void Without_arguments_everything_has_its_default()
    {
        var options = Parse();

        Assert.Equal(["localhost"], options.Hosts);
        Assert.Equal(3000, options.Port);
        Assert.Null(options.UnixSocket);
        Assert.Equal(16 * 1024 * 1024, options.MaxMessageSize);
        Assert.Equal(TimeSpan.FromSeconds(10), options.DrainTime);
        Assert.Equal(LogLevel.Information, options.LogLevel);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("65535", 65535)]
    public void Port_takes_any_port(string text, int expected) => Assert.Equal(expected, Parse("--port", text).Port);

    [Fact]
    public void Host_may_be_given_several_times()
        => Assert.Equal(["localhost", "192.0.2.1", "::1"], Parse("--host", "localhost", "--host", "192.0.2.1", "--host=::1").Hosts);

    [Fact]
    public void Unix_alone_listens_only_there()
    {
        var options = Parse("--unix", "/tmp/x");

        Assert.Equal("/tmp/x", options.UnixSocket?.ToString());
        Assert.Empty(options.Hosts);
    }

    [Theory]
    [InlineData("--port", "80", "localhost")]
    [InlineData("--host", "::1", "::1")]
    public void Unix_with_a_port_or_a_host_listens_there_too(string option, string value, string host)
    {
        var options = Parse("--unix", "/tmp/x", option, value);

        Assert.NotNull(options.UnixSocket);
        Assert.Equal([host], options.Hosts);
    }

    [Theory]
    [InlineData("@x")]
    [InlineData("x")]
    public void Unix_takes_a_relative_path_whatever_it_begins_with(string path)
        => Assert.Equal(Path.GetFullPath(path), Parse("--unix", path).UnixSocket?.ToString());

    [Theory]
    [InlineData("sockets", 0)]
    [InlineData("EventLoop", 1)]
    public void Transport_takes_a_name(string text, int expected)
    {
        Assert.SkipUnless(EventLoopTransport.IsSupported, "This system has no event loops.");
        Assert.Equal((TransportKind)expected, Parse("--transport", text).Transport);
    }

    [Fact]
    public void Max_message_size_takes_units() => Assert.Equal(64 * 1024, Parse("--max-message-size", "64K").MaxMessageSize);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.5", 500)]
    [InlineData("86400", 86_400_000)]
    public void Drain_time_takes_seconds(string text, double milliseconds)
        => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parse("--drain-time", text).DrainTime);

    [Theory]
    [InlineData("trace", LogLevel.Trace)]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData("information", LogLevel.Information)]
    [InlineData("Warning", LogLevel.Warning)]
    [InlineData("error", LogLevel.Error)]
    [InlineData("critical", LogLevel.Critical)]
    [InlineData("none", LogLevel.None)]
    public void Log_level_takes_a_name(string text, LogLevel expected) => Assert.Equal(expected, Parse("--log-level", text).LogLevel);

    [Theory]
    [InlineData("--port -1", "--port takes a number from 0 (any free port) to 65535; '-1' is none.")]
    [InlineData("--port 65536", "--port takes a number from 0 (any free port) to 65535; '65536' is none.")]
    [InlineData("--port http", "--port takes a number from 0 (any free port) to 65535; 'http' is none.")]
    [InlineData("--host example.org", "--host takes localhost, an IP address, or '*' (in quotes) for any address; 'example.org' is none of these.")]
    [InlineData("--host ::1 --host x", "--host takes localhost, an IP address, or '*' (in quotes) for any address; 'x' is none of these.")]
    [InlineData("--max-message-size 16MB", "--max-message-size takes a number of bytes such as 65536, 64K or 16M, from 1 to 2047M; '16MB' is none.")]
    [InlineData("--max-message-size 2G", "--max-message-size takes a number of bytes such as 65536, 64K or 16M, from 1 to 2047M; '2G' is none.")]
    [InlineData("--drain-time -1", "--drain-time takes a number of seconds from 0 to 86400, such as 10 or 0.5; '-1' is none.")]
    [InlineData("--drain-time NaN", "--drain-time takes a number of seconds from 0 to 86400, such as 10 or 0.5; 'NaN' is none.")]
    [InlineData("--drain-time 10s", "--drain-time takes a number of seconds from 0 to 86400, such as 10 or 0.5; '10s' is none.")]
    [InlineData("--drain-time 86401", "--drain-time takes a number of seconds from 0 to 86400, such as 10 or 0.5; '86401' is none.")]
    [InlineData("--keep-alive 0.09", "--keep-alive takes a number of seconds from 0.1 to 86400, such as 20 or 0.5; '0.09' is none.")]
    [InlineData("--max-receive-size 1025K", "--max-receive-size takes a number of bytes such as 64K, from 1 to 1M; '1025K' is none.")]
    [InlineData("--transport tls", "--transport takes sockets or eventloop; 'tls' is neither.")]
    [InlineData("--log-level 1", "--log-level takes trace, debug, information, warning, error, critical or none; '1' is none of these.")]
    [InlineData("--log-level all", "--log-level takes trace, debug, information, warning, error, critical or none; 'all' is none of these.")]
    [InlineData("--port", "Required argument missing for option: '--port'.")]
    [InlineData("--port 1 --port 2", "Option '--port' expects a single argument but 2 were provided.")]
    [InlineData("--prot 3000", "Unrecognized command or argument '--prot'.")]
    [InlineData("3000", "Unrecognized command or argument '3000'.")]
    public void A_wrong_value_is_told_with_what_to_write_instead(string args, string expected)
        => Assert.Equal(expected, _commandLine.Parse(args.Split(' ')).Errors[0].Message);

    [Fact]
    public void A_path_that_is_too_long_for_a_socket_is_told()
    {
        var path = "/tmp/" + new string('x', 200);

        Assert.StartsWith("--unix takes the path of a file, of about 100 characters", _commandLine.Parse(["--unix", path]).Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_value_is_wrong_and_not_the_default()
    {
        foreach (var option in (string[])["--host", "--port", "--unix", "--max-message-size", "--drain-time", "--log-level"])
            Assert.NotEmpty(_commandLine.Parse([option, ""]).Errors);
    }

    [Fact]
    public void The_dashboard_is_for_this_machine_unless_something_else_is_said()
    {
        Assert.Equal(new DashboardOptions { IsEnabled = true, Token = null }, Parse().Dashboard);
        Assert.Equal(new DashboardOptions { IsEnabled = false }, Parse("--no-dashboard").Dashboard);
        Assert.Equal(new DashboardOptions { Token = "0123456789abcdef" }, Parse("--dashboard-token", "0123456789abcdef").Dashboard);
    }

    [Theory]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789 abcdef")]
    [InlineData("0123456789abcdéf")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX")]
    [InlineData("")]
    public void A_token_that_can_be_guessed_or_not_be_sent_is_refused_and_not_repeated(string token)
    {
        var error = _commandLine.Parse(["--dashboard-token", token]).Errors[0].Message;

        Assert.StartsWith("--dashboard-token takes 16 to 256 visible ASCII characters without spaces", error, StringComparison.Ordinal);
        Assert.True(token.Length == 0 || !error.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public void A_token_for_no_dashboard_is_a_mistake()
        => Assert.Equal(
            "--no-dashboard and --dashboard-token exclude each other; leave one out.",
            _commandLine.Parse(["--no-dashboard", "--dashboard-token", "0123456789abcdef"]).Errors[0].Message);

    [Fact]
    public void A_token_is_for_a_dashboard_that_is_said_to_be_there()
        => Assert.Equal(
            new DashboardOptions { Token = "0123456789abcdef" },
            Parse("--no-dashboard=false", "--dashboard-token", "0123456789abcdef").Dashboard);

    [Theory]
    [InlineData("--no-dashboard", "--dashboard-token", "0123456789abcdef")]
    [InlineData("--socketio", "--socketio-recovery", "120")]
    [InlineData("--socketio", "--socketio-client", "/none")]
    public void A_switch_that_is_said_twice_is_a_mistake_also_where_something_depends_on_it(string name, string other, string value)
        => Assert.NotEmpty(_commandLine.Parse([$"{name}=true", $"{name}=false", other, value]).Errors);

    [Fact]
    public void The_options_as_text_do_not_tell_the_token()
        => Assert.DoesNotContain("0123456789abcdef", Parse("--dashboard-token", "0123456789abcdef").ToString(), StringComparison.Ordinal);

    private HostOptions Parse(params string[] args)
    {
        var result = _commandLine.Parse(args);
        Assert.Empty(result.Errors);
        return _commandLine.OptionsOf(result);
    }
}
