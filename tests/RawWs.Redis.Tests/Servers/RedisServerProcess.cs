using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Tests.Servers;

/// <summary>
/// A redis-server as one child process in the foreground, which keeps nothing and listens on a Unix socket in a folder of its own: no port is anybody else's. Clients reach it through a
/// <see cref="ToxicProxy"/>. It is gone when this is disposed.
/// </summary>
internal sealed class RedisServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("rawws-redis-").FullName;
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServerProcess(string[] arguments) => _arguments = arguments;

    /// <summary>Where the program is; Debian keeps servers where not everybody looks for programs. Null: there is none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(["/usr/bin", "/usr/sbin"])
        .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    public UnixDomainSocketEndPoint EndPoint => new(Path.Combine(_folder, "redis"));

    /// <summary>Starts one, or skips the test that wants it.</summary>
    public static async Task<RedisServerProcess> StartAsync(params string[] arguments)
    {
        Assert.SkipWhen(Program is null, "There is no redis-server on this machine.");
        var server = new RedisServerProcess(arguments);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it after <see cref="KillAsync"/>, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        // Null only through a shell, and the program is there.
        _process = Process.Start(new ProcessStartInfo(
            Program!, ["--port", "0", "--unixsocket", $"{EndPoint}", "--dir", _folder, "--save", "", "--appendonly", "no", .. _arguments])
        { RedirectStandardOutput = true })!;
        var output = _process.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(LongestWait);
        while (!await IsAnsweringAsync(deadline.Token))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"redis-server ended instead of listening: {await output}");

            await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
        }
    }

    /// <summary>Ends it without a word.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;

        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
        File.Delete($"{EndPoint}");
    }

    /// <summary>Executes a command behind the backs of all clients, over a connection of its own.</summary>
    public async Task<RespValue> ExecuteAsync(string name, params RedisArgument[] arguments)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(EndPoint, deadline.Token);
        await using var stream = new NetworkStream(socket);
        var output = new ArrayBufferWriter<byte>();
        RespWriter.Write(output, new RedisCommand(name, arguments));
        await stream.WriteAsync(output.WrittenMemory, deadline.Token);

        var input = PipeReader.Create(stream);
        var parser = new RespParser(new RespLimits());
        while (true)
        {
            var result = await input.ReadAsync(deadline.Token);
            var unread = result.Buffer;
            if (parser.TryRead(ref unread, out var value))
                return value;

            input.AdvanceTo(unread.Start, unread.End);
            if (result.IsCompleted)
                throw new IOException("Redis has closed the connection.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsAnsweringAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Or it wants a password first.
            return (await ExecuteAsync("PING").WaitAsync(cancellationToken)).ToText() is "PONG" or ['N', 'O', 'A', 'U', 'T', 'H', ..];
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            return false;
        }
    }
}
