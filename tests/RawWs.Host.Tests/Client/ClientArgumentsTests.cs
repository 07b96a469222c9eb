using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace RawWs.Host.Tests;

public class ClientArgumentsTests
{
    private readonly CommandLine _commandLine = new(_ => Task.FromResult(ExitCode.Success));

    [Theory]
    [InlineData("send", "send needs the address of a server: rawws send ws://localhost:3000/echo")]
    [InlineData("listen localhost:3000/echo", "'localhost:3000/echo' has no scheme; write ws://localhost:3000/echo, or wss://localhost:3000/echo for TLS.")]
    [InlineData("bench http://localhost:3000/echo", "A WebSocket's address begins with ws:// and not with http://; write ws://localhost:3000/echo")]
    [InlineData("bench HTTPS://localhost/echo", "A WebSocket's address begins with wss:// and not with https://; write wss://localhost/echo")]
    [InlineData("send ftp://localhost/", "'ftp://localhost/' is no WebSocket's address, which begins with ws:// or wss://.")]
    [InlineData("send ws://", "'ws://' is no address; write it as ws://localhost:3000/echo.")]
    [InlineData("send ws://localhost:99999/", "'ws://localhost:99999/' is no address; write it as ws://localhost:3000/echo.")]
    [InlineData("send ws://alice:secret@localhost/", "An address with a name or a password in it is not taken; leave them out, and write --header 'Authorization: Basic …'.")]
    [InlineData("send ws://localhost/#x", "'ws://localhost/#x' has a fragment; leave out '#' and what follows, or write %23 for it.")]
    [InlineData("bench ws://x --size 0", "--size takes a number of bytes such as 64, 16K or 1M, from 1 to 1G; '0' is none.")]
    [InlineData("bench ws://x --connections 0", "--connections takes a number from 1, such as 10; '0' is none.")]
    [InlineData("bench ws://x --duration 0", "--duration takes a number of seconds above 0, up to 86400, such as 10 or 0.5; '0' is none.")]
    [InlineData("bench ws://x --warm-up -1", "--warm-up takes a number of seconds from 0 to 86400, such as 10 or 0.5; '-1' is none.")]
    [InlineData("bench ws://x --rate 10 --in-flight 2", "--rate sends whatever comes back, and --in-flight waits for it; leave one out.")]
    [InlineData("bench ws://x --in-flight 10001", "--in-flight takes 10000 at most; use more --connections.")]
    [InlineData("listen ws://x --count 0", "--count takes a number from 1, such as 10; '0' is none.")]
    [InlineData("listen ws://x --raw --base64", "--raw and --base64 exclude each other; leave one out.")]
    [InlineData("listen wss://x --insecure --ca none", "--insecure trusts every certificate, and --ca some; leave one out.")]
    [InlineData("listen ws://x --insecure", "--insecure is for TLS, and ws:// is without; write wss://, or leave it out.")]
    [InlineData("listen WS://x --insecure", "--insecure is for TLS, and ws:// is without; write wss://, or leave it out.")]
    [InlineData("listen ws://x --ca none", "--ca is for TLS, and ws:// is without; write wss://, or leave it out.")]
    [InlineData("listen ws://x --connect-timeout 0", "--connect-timeout takes a number of seconds above 0, up to 86400, such as 10 or 0.5; '0' is none.")]
    [InlineData("listen ws://x --header Secret", "--header takes a name and a value of ASCII characters, such as 'Authorization: Bearer TOKEN'.")]
    [InlineData("listen ws://x --header Upgrade:h2c", "--header can't set Upgrade, which the handshake sets itself; for subprotocols there is --subprotocol, for compression --compress.")]
    [InlineData("listen ws://x --header A:1 --header a:2", "--header sets a twice; write both values into one, as that field puts them beside each other.")]
    [InlineData("listen ws://x --subprotocol a,b", "--subprotocol takes one name without spaces and commas, such as chat.v1, and may be given several times; 'a,b' is none.")]
    [InlineData("send ws://x --wait-timeout 3 a", "--wait-timeout says how long to wait for what --wait COUNT asks for; write both, or leave it out.")]
    [InlineData("send ws://x --file /none hello", "--file sends a file, and TEXT what it says; leave one out.")]
    [InlineData("send ws://x --file /none", "--file takes a file that exists; '/none' is none.")]
    public void What_makes_no_sense_is_told_with_what_to_write_instead(string args, string expected)
        => Assert.Contains(expected, _commandLine.Parse(args.Split(' ')).Errors.Select(error => error.Message));

    [Theory]
    [InlineData("listen ws://[::1]:3000/a?b=c --header Cookie:a=1;b=2 --subprotocol x --subprotocol y")]
    [InlineData("send WSS://localhost --insecure -- -1")]
    [InlineData("bench ws://localhost --in-flight 10000")]
    [InlineData("listen ws://localhost --insecure=false --raw=false --base64")]
    [InlineData("bench ws://localhost --rate 100 --connections 3 --size 4K --json --progress")]
    public void What_makes_sense_is_taken(string args) => Assert.Empty(_commandLine.Parse(args.Split(' ')).Errors);

    [Theory]
    [InlineData("send ws://x hello --wiat 1", "--wiat")]
    [InlineData("send ws://x --bnary -- --wait", "--bnary")]
    [InlineData("send ws://x --wait 1 --base46", "--base46")]
    public void An_option_that_is_misspelled_is_no_message(string args, string slip)
        => Assert.Equal(
            $"Unrecognized command or argument '{slip}'. A message that begins with two dashes stands behind two: 'rawws send URL -- {slip}'.",
            Assert.Throws<WrongUsageException>(() => _commandLine.Parse(args.Split(' '), new Dictionary<string, string>())).Message);

    [Theory]
    [InlineData("listen --reconect ws://x", "--reconect")]
    [InlineData("bench --conections 5 ws://x --json", "--conections")]
    [InlineData("send --bnary ws://x", "--bnary")]
    public void An_option_that_is_misspelled_is_no_address(string args, string slip)
        => Assert.Equal(
            $"Unrecognized command or argument '{slip}'.",
            Assert.Throws<WrongUsageException>(() => _commandLine.Parse(args.Split(' '), new Dictionary<string, string>())).Message);

    [Theory]
    [InlineData("send ws://x hello -- --wait 1")]
    [InlineData("send -- ws://x --wait")]
    [InlineData("send ws://x -1 - -x --wait 2")]
    [InlineData("send ws://x --header --a:b hello")]
    public void What_begins_with_dashes_may_be_a_message(string args) => Assert.Empty(_commandLine.Parse(args.Split(' '), new Dictionary<string, string>()).Errors);

    [Fact]
    public async Task Whose_help_to_read_is_told()
        => (await RawwsProcess.RunAsync("listen")).AssertFailed(ExitCode.WrongUsage, "For all options: rawws listen --help");

    [Fact]
    public async Task A_port_where_nobody_listens_is_told()
    {
        // Bound, so that it is nobody else's meanwhile.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        (await RawwsProcess.RunAsync("send", $"ws://{socket.LocalEndPoint}/", "hello"))
            .AssertFailed(ExitCode.Failure, $"Nobody listens at {socket.LocalEndPoint} (connection refused); is the server running, and is that its port?");
    }

    [Fact]
    public async Task A_server_that_does_not_answer_the_handshake_is_waited_for_as_long_as_was_said()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();

        (await RawwsProcess.RunAsync("bench", $"ws://{socket.LocalEndPoint}/", "--connect-timeout", "0.2"))
            .AssertFailed(ExitCode.Failure, $"{socket.LocalEndPoint} has not answered for 0.2 s; --connect-timeout waits longer.");
    }

    [Fact]
    public void A_name_that_nobody_knows_is_told()
        => Assert.Equal(
            "There is no host named 'no.such.host', or nobody here knows its address; check the name.",
            ConnectFailure.Of(
                new WebSocketException("no", new HttpRequestException(HttpRequestError.NameResolutionError, "no", new SocketException((int)SocketError.HostNotFound))),
                new Uri("ws://no.such.host/"),
                complaint: null).Message);
}
