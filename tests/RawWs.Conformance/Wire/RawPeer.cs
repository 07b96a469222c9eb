using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;

namespace RawWs.Conformance;

/// <summary>
/// A client that can break every rule: a TCP connection (or TLS over it) whose bytes are written exactly as asked,
/// and whose input is read all the time, so that a server is never blocked by us unless a case wants that.
/// </summary>
internal sealed partial class RawPeer : IAsyncDisposable
{
    private const int MaxRandomChop = 1460;

    private readonly CaseContext _context;
    private readonly WireLog _log;
    private readonly int _number;
    private readonly Random _random;
    private readonly Socket _socket;
    private readonly Stream _stream;

    // Unbounded on purpose: what the server sends must never wait for the case to look at it.
    private readonly Pipe _received = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _pump;
    private volatile TaskCompletionSource? _paused;
    private volatile TcpEnd _tcpEnd;
    private bool _sentFin;

    private RawPeer(CaseContext context, WireLog log, int number, Socket socket, Stream stream)
    {
        (_context, _log, _number, _socket, _stream) = (context, log, number, socket, stream);
        _random = new Random(context.Random.Next());
        _pump = PumpAsync();
    }

    public TcpEnd TcpEnd => _tcpEnd;

    /// <summary>Whether a write has failed, because the server is gone.</summary>
    public bool SendFailed { get; private set; }

    private ConformanceOptions Options => _context.Options;

    public static async Task<RawPeer> ConnectAsync(CaseContext context, WireLog log, int number, int? receiveBufferSize)
    {
        var target = context.Options.Target;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferSize is { } size)
            socket.ReceiveBufferSize = size;

        try
        {
            await socket.ConnectAsync(target.IdnHost, target.Port, context.CancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (target.Scheme == "wss")
                stream = await SecureAsync(stream, target.IdnHost, context.CancellationToken);
            return new RawPeer(context, log, number, socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends bytes as they are, cut as <see cref="ConformanceOptions.Chop"/> says.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, string summary)
    {
        _log.Add(_number, "→", summary, WireLog.Hex(bytes.Span));
        await WriteChoppedAsync(bytes);
    }

    /// <summary>Sends bytes in writes of <paramref name="size"/>, whatever the chop mode.</summary>
    public async Task SendInWritesOfAsync(ReadOnlyMemory<byte> bytes, int size, string summary)
    {
        _log.Add(_number, "→", $"{summary}, in writes of {size}", WireLog.Hex(bytes.Span));
        for (var offset = 0; offset < bytes.Length && !SendFailed; offset += size)
            await WriteAsync(bytes.Slice(offset, Math.Min(size, bytes.Length - offset)));
    }

    /// <summary>Stops taking bytes from the socket, so that the server's sends come to a halt.</summary>
    public void PauseReading() => _paused ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ResumeReading()
    {
        var paused = _paused;
        _paused = null;
        paused?.TrySetResult();
    }

    /// <summary>Sends FIN; reading goes on.</summary>
    public void ShutdownSend()
    {
        _log.Add(_number, "·", "client sends FIN");
        _sentFin = true;
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Drops the connection with RST.</summary>
    public void Reset()
    {
        _log.Add(_number, "·", "client sends RST");
        Abandon();
        _sentFin = true;
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        ResumeReading();
        await _stream.DisposeAsync();
        await _pump;
        _disposed.Dispose();
    }

    private static async Task<Stream> SecureAsync(Stream plain, string host, CancellationToken cancellationToken)
    {
        // What is judged here is the WebSocket protocol; test servers have test certificates.
#pragma warning disable CA5359
        var secure = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
        return secure;
    }

    private async Task WriteChoppedAsync(ReadOnlyMemory<byte> bytes)
    {
        if (Options.Chop == ChopMode.None)
        {
            await WriteAsync(bytes);
            return;
        }

        for (var offset = 0; offset < bytes.Length && !SendFailed;)
        {
            var size = Options.Chop == ChopMode.OneByte ? 1 : 1 + _random.Next(_random.Next(8) == 0 ? MaxRandomChop : 16);
            size = Math.Min(bytes.Length <= 1 << 16 ? size : size * 16, bytes.Length - offset);
            await WriteAsync(bytes.Slice(offset, size));
            offset += size;

            // A pause lets the server read what there is, at least where the interesting bytes are.
            if (bytes.Length <= 64)
                await Task.Delay(1, _context.CancellationToken);
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (SendFailed)
            return;

        try
        {
            await _stream.WriteAsync(bytes, _context.CancellationToken);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The server closed while we were sending: what it said before that is what counts.
            SendFailed = true;
            _log.Add(_number, "·", "a write failed: the server has dropped TCP");
        }
    }

    private async Task PumpAsync()
    {
        var output = _received.Writer;
        try
        {
            while (true)
            {
                if (_paused is { } paused)
                    await paused.Task;

                var count = await _stream.ReadAsync(output.GetMemory(1 << 16), _disposed.Token);
                if (count == 0)
                    break;
                output.Advance(count);
                await output.FlushAsync();
            }

            _tcpEnd = _sentFin ? TcpEnd.ClientFirst : TcpEnd.ServerFirst;
            _log.Add(_number, "·", "server sent FIN");
        }
        catch (IOException)
        {
            _tcpEnd = TcpEnd.Reset;
            _log.Add(_number, "·", "server sent RST");
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // We ended the connection ourselves.
        }
        finally
        {
            await output.CompleteAsync();
        }
    }
}
