using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Tests.Servers;

/// <summary>A server that answers what a test makes of it, right or wrong.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<string, int, string?> _answer;
    private readonly Task _accepting;

    /// <param name="answer">Makes the bytes for a command, whose words are separated by spaces; null closes the connection.</param>
    public ScriptedServer(Func<string, string?> answer)
        : this((command, _) => answer(command))
    {
    }

    /// <param name="answer">As above, and is told the port.</param>
    public ScriptedServer(Func<string, int, string?> answer)
    {
        _answer = answer;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port; // It is bound.

    /// <summary>What was asked, on all connections.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>What a server of RESP3 answers to a login; null to whatever else.</summary>
    public static string? Login(string command) => command.StartsWith("HELLO", StringComparison.Ordinal) ? "%1\r\n+proto\r\n:3\r\n" : null;

    /// <summary>What a server of a cluster tells of some slots. It may leave out its own name.</summary>
    public static string Slots(int first, int last, string? host, int port)
        => $"*3\r\n:{first}\r\n:{last}\r\n*3\r\n{(host is null ? "$-1\r\n" : $"${host.Length}\r\n{host}\r\n")}:{port}\r\n$40\r\n{new string('a', 40)}\r\n";

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                // An answer that a test holds back holds up no other connection.
                var client = await _listener.AcceptAsync(_stopping.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is disposed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await using var stream = new NetworkStream(client, ownsSocket: true);
        var input = PipeReader.Create(stream);
        var parser = new RespParser(new RespLimits());
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(_stopping.Token);
                var unread = result.Buffer;
                while (parser.TryRead(ref unread, out var command))
                {
                    var words = string.Join(' ', command.Items.Select(word => word.ToText()));
                    Commands.Enqueue(words);
                    if (_answer(words, Port) is not { } bytes)
                        return;

                    await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), _stopping.Token);
                }

                input.AdvanceTo(unread.Start, unread.End);
                if (result.IsCompleted)
                    return;
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The client has gone, or it is disposed.
        }
    }
}
