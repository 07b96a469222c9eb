using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Text;
using RawWs.Transport;

namespace RawWs.Load;

/// <summary>
/// A client that sends the messages of a ring, one after the other, and checks what comes back. Belongs to one loop, and is used on its thread only.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private const uint LastEvents = InteropEventLoop.PeerHungUp | InteropEventLoop.HungUp | InteropEventLoop.Error;
    private const int MaxHeadLength = 4096;
    private static readonly byte[] NormalClose = ClientFrames.CloseOf(1000);

    // The answer to the key of RFC 6455 §1.3.
    private static ReadOnlySpan<byte> Accept => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="u8;

    private readonly LoadLoop _loop;
    private readonly ILoadWork _work;
    private readonly FrameRing _ring;
    private readonly Descriptor _socket;

    // The answer to the opening handshake, as far as it has come; null when it has been read.
    private byte[]? _head = [];

    // What comes between the handshake and the load; null if nothing does, or any more.
    private SocketIOOpening? _opening;

    // Where in the ring's frames the next byte to send is, and how many are to be sent from there on.
    private int _position;
    private long _unsent;

    // Control frames go between two of the ring's frames.
    private byte[] _control = [];

    private bool _isBlocked;
    private bool _isClosing;
    private bool _isClosed;
    private bool _hasEnded;

    private LoadConnection(int index, LoadLoop loop, ILoadWork work, FrameRing ring, Descriptor socket, bool mayMiss)
    {
        (Index, _loop, _work, _ring, _socket) = (index, loop, work, ring, socket);
        Replies = new ReplyStream(ring, mayMiss);
    }

    /// <summary>Its place among the connections of the loop.</summary>
    public int Index { get; }

    /// <summary>What has come back.</summary>
    public ReplyStream Replies { get; }

    /// <summary>Connects, and sends the request. The rest is the loop's.</summary>
    /// <param name="index">Its place among the connections of the loop; nobody else's at this moment.</param>
    /// <param name="loop">Whose it will be.</param>
    /// <param name="work">What is done with it.</param>
    /// <param name="target">On this machine, where connecting takes some microseconds: it is waited for.</param>
    /// <param name="ring">What is sent.</param>
    /// <param name="mayMiss">Whether messages that are left out are counted, instead of failing the connection.</param>
    /// <exception cref="SocketException">There is no server, or there are no descriptors left.</exception>
    [SuppressMessage("Usage", "CA1816", Justification = "It is the socket that must not close what it does not have any more.")]
    public static void Begin(int index, LoadLoop loop, ILoadWork work, LoadTarget target, FrameRing ring, bool mayMiss)
    {
        var endPoint = target.EndPointOf(index);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            SourceAddresses.BindNext(socket, endPoint);
            socket.Connect(endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        // The descriptor is ours from here on. Disposing the socket would wait for the handle to be released, which it never is.
        var connection = new LoadConnection(index, loop, work, ring, new Descriptor(socket.Handle), mayMiss);
        socket.SafeHandle.SetHandleAsInvalid();
        GC.SuppressFinalize(socket);

        connection._opening = target.SpeaksSocketIO ? new SocketIOOpening() : null;
        connection._control = UpgradeRequests.Of(endPoint, target.Path);
        loop.Add(connection, connection._socket);
        connection.Flush();
    }

    /// <summary>Sends the ring's next messages. What the system does not take yet is sent when it has room.</summary>
    public void Send(int count)
    {
        _unsent += (long)count * _ring.FrameLength;
        if (!_isBlocked)
            Flush();
    }

    /// <summary>Begins the closing handshake.</summary>
    public void Close()
    {
        _isClosing = true;
        SendControl(NormalClose);
    }

    /// <summary>There is news. Called by the loop.</summary>
    public void OnEvents(uint events)
    {
        try
        {
            if ((events & InteropEventLoop.Out) != 0 && _isBlocked)
                Flush();

            Receive(isLast: (events & LastEvents) != 0);
        }
        catch (InvalidDataException wrong)
        {
            End(wrong.Message);
        }
    }

    /// <summary>Drops the connection. Nobody is told.</summary>
    public void Dispose()
    {
        _hasEnded = true;
        _socket.Dispose();
    }

    private void Receive(bool isLast)
    {
        while (!_hasEnded)
        {
            var count = InteropEventLoop.Receive(_socket, _loop.Buffer, out var error);
            _loop.LookAtClock();
            if (count > 0)
                OnBytes(_loop.Buffer.AsSpan(0, count));
            else if (error == DescriptorFailure.WouldBlock)
                return;
            else if (error != DescriptorFailure.Interrupted)
                End(_isClosed ? null : error == 0 ? "The server ended a connection without a close frame." : $"A connection failed: {DescriptorFailure.From(error).Message}");

            // A short read has emptied the socket, unless the end has been announced.
            if (count < _loop.Buffer.Length && !isLast && error == 0)
                return;
        }
    }

    private void OnBytes(ReadOnlySpan<byte> received)
    {
        if (_head is not null && !TryReadHead(ref received))
            return;
        if (_opening is not null && !TryOpen(ref received))
            return;

        while (!received.IsEmpty && !_hasEnded)
        {
            var count = Replies.Read(ref received, out var control);
            if (count > 0)
                _work.OnReplies(this, count);
            if (control is { } frame)
                OnControl(frame);
        }
    }

    private bool TryReadHead(ref ReadOnlySpan<byte> received)
    {
        var before = _head!.Length;
        byte[] head = [.. _head, .. received];
        var length = head.AsSpan().IndexOf("\r\n\r\n"u8);
        if (length < 0)
        {
            received = default;
            _head = head.Length <= MaxHeadLength ? head : throw new InvalidDataException("The server's answer to the opening handshake has no end.");
            return false;
        }

        if (!head.AsSpan().StartsWith("HTTP/1.1 101 "u8))
            throw new InvalidDataException($"The server answered the opening handshake with {Encoding.ASCII.GetString(head.AsSpan(0, length)).Split('\r')[0]}.");
        if (head.AsSpan(0, length).IndexOf(Accept) < 0)
            throw new InvalidDataException("The server's answer to the opening handshake has no right Sec-WebSocket-Accept.");

        received = received[(length + 4 - before)..];
        _head = null;
        if (_opening is null)
            _work.OnOpened(this);

        return true;
    }

    private bool TryOpen(ref ReadOnlySpan<byte> received)
    {
        var isOpen = _opening!.TryRead(ref received, out var answer);
        if (answer.Length > 0)
            SendControl(answer);
        if (!isOpen)
            return false;

        _opening = null;
        _work.OnOpened(this);
        return true;
    }

    private void OnControl(ControlFrame frame)
    {
        if (frame.Opcode == ClientFrames.Ping)
        {
            SendControl(ClientFrames.Of(ClientFrames.Pong, frame.Payload));
        }
        else if (frame.Opcode == ClientFrames.Close)
        {
            // RFC 6455 §7.1.1: the server closes TCP first.
            if (_isClosing)
                _isClosed = true;
            else
                End($"The server closed a connection with {frame.CloseCode}.");
        }
    }

    private void SendControl(byte[] frame)
    {
        _control = [.. _control, .. frame];
        if (!_isBlocked)
            Flush();
    }

    private void Flush()
    {
        _isBlocked = false;
        while (!_hasEnded && !_isBlocked && (_unsent > 0 || _control.Length > 0))
        {
            var inFrame = _position % _ring.FrameLength;
            if (_control.Length > 0 && inFrame == 0)
            {
                var sent = Send(_control);
                _control = _control[sent..];
                continue;
            }

            var wanted = _control.Length > 0 ? _ring.FrameLength - inFrame : _unsent;
            _position += Send(_ring.Frames.AsSpan(_position, (int)Math.Min(wanted, _ring.Frames.Length - _position)), ref _unsent);
            _position %= _ring.Count * _ring.FrameLength;
        }
    }

    private int Send(ReadOnlySpan<byte> bytes, ref long unsent)
    {
        var sent = Send(bytes);
        unsent -= sent;
        return sent;
    }

    /// <returns>How many bytes the system took. If it was not all, it is blocked, or has ended.</returns>
    private int Send(ReadOnlySpan<byte> bytes)
    {
        int sent, error;
        do
            sent = InteropSend.Send(_socket, bytes, out error);
        while (sent < 0 && error == DescriptorFailure.Interrupted);

        if (sent < 0 && error != DescriptorFailure.WouldBlock)
            End($"A connection failed: {DescriptorFailure.From(error).Message}");

        _isBlocked = sent < bytes.Length;
        return Math.Max(0, sent);
    }

    private void End(string? failure)
    {
        if (_hasEnded)
            return;

        Dispose();
        _work.OnEnded(this, failure);
    }
}
