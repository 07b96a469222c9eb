using System.IO.Pipelines;
using System.Text;
using RawWs.Http;
using RawWs.Testing;
using RawWs.Tests.Transport;
using RawWs.Transport;

namespace RawWs.Tests.Http;

/// <summary>Bodies whose time was up while their reader was busy: what has come to the system by then is taken, whatever the transport knows of it.</summary>
public sealed class LateBodyTests
{
    [Fact]
    public async Task What_has_come_to_a_socket_is_taken()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = new SocketConnection(pair.Server);

        await TakeAsync(connection, piece => pair.Client.Send(piece), () => pair.Server.Available > 0);
    }

    [Fact]
    public async Task What_has_come_to_a_stream_is_taken()
    {
        using var stream = new ArrivingStream();
        await using var connection = new StreamConnection(stream);

        await TakeAsync(connection, stream.Arrive, () => true);
    }

    // A read that is cancelled leaves something behind on some transports.
    private static async Task TakeAsync(TransportConnection connection, Action<byte[]> send, Func<bool> hasCome)
    {
        var deadlines = new Deadlines();
        using var body = new RequestBody(connection, new RequestFraming(IsChunked: false, Length: 10), 10, expectsContinue: false, deadlines, () => { });
        var taken = new byte[10];
        send("a"u8.ToArray());
        Assert.Equal(1, await body.ReadAsync(taken));

        deadlines.IsLate = true;
        connection.Input.CancelPendingRead();
        send("bc"u8.ToArray());
        await Eventually.HoldsAsync(hasCome);
        Assert.Equal("bc", Encoding.ASCII.GetString(taken, 0, await body.ReadAsync(taken)));

        var failure = await Assert.ThrowsAsync<RequestBodyException>(async () => await body.ReadAsync(taken).AsTask().WaitAsync(SocketPair.LongestWait));
        Assert.Equal(408, (int?)failure.Status);
    }

    private sealed class Deadlines : IExchangeDeadlines
    {
        public bool IsLate { get; set; }

        public void BeginBody()
        {
        }

        public void BeginWrite()
        {
        }

        public void End()
        {
        }
    }

    private sealed class StreamConnection(Stream stream) : TransportConnection
    {
        public override PipeReader Input { get; } = PipeReader.Create(stream);

        public override PipeWriter Output { get; } = PipeWriter.Create(Stream.Null);

        public override void Abort()
        {
        }

        public override ValueTask DisposeAsync() => default;
    }

    /// <summary>Has what has arrived, and waits for more without end.</summary>
    private sealed class ArrivingStream : MemoryStream
    {
        public void Arrive(byte[] piece)
        {
            var position = Position;
            Seek(0, SeekOrigin.End);
            Write(piece);
            Position = position;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
                await Task.Delay(Timeout.Infinite, cancellationToken);

            return Read(buffer.Span);
        }
    }
}
