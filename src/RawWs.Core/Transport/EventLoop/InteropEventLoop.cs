using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// The calls of Linux that an event loop makes. Sound: memory is pinned by <see langword="fixed"/> for as long as a call takes, and the system keeps no
/// address beyond it; a descriptor is kept open for as long as a call takes, by its handle or because the calling thread is the one that closes it; every call on a socket says that it must not block.
/// </summary>
internal static unsafe partial class InteropEventLoop
{
    /// <summary>What can be the matter with a descriptor.</summary>
    public const uint In = 0x001, Out = 0x004, Error = 0x008, HungUp = 0x010, PeerHungUp = 0x2000;

    /// <summary>News are told once.</summary>
    public const uint EdgeTriggered = 1u << 31;

    /// <summary>Of several that watch the same, one that waits is woken, and not all.</summary>
    public const uint Exclusive = 1u << 28;

    private const int CloseOnExec = 0x80000, NonBlocking = 0x800;
    private const int ControlAdd = 1, ControlDelete = 2;
    private const int DontWait = 0x40, NoSignal = 0x4000, MoreToCome = 0x8000;
    private const int ShutWrite = 1;
    private const int SocketLevel = 1, LingerOption = 13;
    private const int UnixFamily = 1, InternetFamily = 2, InternetV6Family = 10;

    /// <summary>The longest address that a socket can have.</summary>
    private const int MaxAddressLength = 128;

    /// <summary>How many pieces of memory one call sends, at most.</summary>
    private const int MaxVectors = 4;

    private static readonly UnixDomainSocketEndPoint UnixPrototype = new("/");

    // Of all architectures only x86-64 has the structure without the gap between its two fields.
    private static readonly int EventSize = IsX64 ? 12 : 16;
    private static readonly int EventTokenOffset = IsX64 ? 4 : 8;

    // The numbers of recvfrom, sendto and sendmsg.
    private static readonly nint ReceiveNumber = IsX64 ? 45 : 207, SendNumber = IsX64 ? 44 : 206, SendMessageNumber = IsX64 ? 46 : 211;

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static Descriptor CreateEpoll() => Checked(EpollCreate(CloseOnExec));

    /// <summary>A descriptor that can be made to have news.</summary>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public static Descriptor CreateEvent() => Checked(EventFd(0, CloseOnExec | NonBlocking));

    /// <summary>Room for the news of so many descriptors.</summary>
    public static byte[] NewEvents(int count) => new byte[count * EventSize];

    /// <summary>One of the news that <see cref="Wait"/> has filled in.</summary>
    public static (uint Events, ulong Token) EventAt(ReadOnlySpan<byte> events, int index)
    {
        var entry = events.Slice(index * EventSize, EventSize);
        return (MemoryMarshal.Read<uint>(entry), MemoryMarshal.Read<ulong>(entry[EventTokenOffset..]));
    }

    /// <exception cref="SocketException">The system can't watch any more descriptors.</exception>
    public static void Add(Descriptor epoll, SafeHandle watched, uint events, ulong token)
    {
        Span<byte> entry = stackalloc byte[16];
        MemoryMarshal.Write(entry, events);
        MemoryMarshal.Write(entry[EventTokenOffset..], token);
        fixed (byte* first = entry)
        {
            if (EpollControl(epoll, ControlAdd, watched, first) != 0)
                throw new SocketException((int)SocketError.NoBufferSpaceAvailable, new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }
    }

    /// <summary>Ends the watching of a descriptor; fails only where that is not watched. Where nobody else has the socket, closing it does the same.</summary>
    public static void Remove(Descriptor epoll, SafeHandle watched) => EpollControl(epoll, ControlDelete, watched, null);

    /// <returns>How many descriptors have news; none if a signal came.</returns>
    public static int Wait(Descriptor epoll, byte[] events, int timeout)
    {
        fixed (byte* first = events)
        {
            return Math.Max(0, EpollWait(epoll, first, events.Length / EventSize, timeout));
        }
    }

    /// <summary>Gives a descriptor of <see cref="CreateEvent"/> news.</summary>
    public static void Signal(Descriptor descriptor)
    {
        var one = 1L;
        Write(descriptor, &one, sizeof(long));
    }

    /// <summary>Receives on the thread that closes the socket, so that this can't happen meanwhile: nothing has to hold it open.</summary>
    /// <inheritdoc cref="Receive(Descriptor, Span{byte}, out int)"/>
    public static int ReceiveAsCloser(Descriptor socket, Span<byte> buffer, out int error)
    {
        fixed (byte* first = buffer)
        {
            return Receive(socket.OpenNumber, first, buffer.Length, out error);
        }
    }

    /// <returns>How many bytes were received, 0 at the end; -1 for an error.</returns>
    /// <exception cref="ObjectDisposedException">The socket has been closed.</exception>
    public static int Receive(Descriptor socket, Span<byte> buffer, out int error)
    {
        var isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);
            return ReceiveAsCloser(socket, buffer, out error);
        }
        finally
        {
            if (isHeld)
                socket.DangerousRelease();
        }
    }

    /// <summary>Receives on several sockets, one after the other, on the thread that closes them.</summary>
    public static void ReceiveInARow(Span<SocketCall> calls)
    {
        foreach (ref var call in calls)
        {
            fixed (byte* first = call.Bytes)
            {
                var count = (int)SystemCall(ReceiveNumber, call.Socket, first, call.Count, DontWait, 0, 0);
                call.Result = count < 0 ? -Marshal.GetLastSystemError() : count;
            }
        }
    }

    /// <summary>Sends on several sockets, one after the other, on the thread that closes them.</summary>
    public static void SendInARow(Span<SocketCall> calls)
    {
        foreach (ref var call in calls)
        {
            fixed (byte* first = call.Bytes)
            {
                var count = (int)SystemCall(SendNumber, call.Socket, first, call.Count, DontWait | NoSignal, 0, 0);
                call.Result = count < 0 ? -Marshal.GetLastSystemError() : count;
            }
        }
    }

    /// <summary>Sends on the thread that closes the socket, so that this can't happen meanwhile: nothing has to hold it open.</summary>
    /// <inheritdoc cref="Send(Descriptor, BufferSegment?, in ReadOnlySequence{byte}, bool, out int)"/>
    public static int SendAsCloser(Descriptor socket, BufferSegment? first, in ReadOnlySequence<byte> behind, bool isLast, out int error)
    {
        var flags = DontWait | NoSignal | (isLast ? MoreToCome : 0);
        var descriptor = socket.OpenNumber;
        if (first is { Next: null } && behind.IsEmpty)
            return SendBytes(descriptor, first.Unconsumed.Span, flags, out error);

        return first is null && behind.IsSingleSegment
            ? SendBytes(descriptor, behind.FirstSpan, flags, out error)
            : SendPieces(descriptor, first, behind, flags, out error);
    }

    /// <summary>Sends <paramref name="first"/> and segments behind it, and the first pieces of <paramref name="behind"/>, from where they lie.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="first">What is sent first, and the segments behind it; null if there is nothing.</param>
    /// <param name="behind">What is sent behind that.</param>
    /// <param name="isLast">Whether the end of our side follows at once: then the last bytes wait for it, and share its segment.</param>
    /// <param name="error">The number of the error, 0 if there is none.</param>
    /// <returns>How many bytes were sent; -1 for an error.</returns>
    /// <exception cref="ObjectDisposedException">The socket has been closed.</exception>
    public static int Send(Descriptor socket, BufferSegment? first, in ReadOnlySequence<byte> behind, bool isLast, out int error)
    {
        var isHeld = false;
        try
        {
            socket.DangerousAddRef(ref isHeld);
            return SendAsCloser(socket, first, behind, isLast, out error);
        }
        finally
        {
            if (isHeld)
                socket.DangerousRelease();
        }
    }

    /// <summary>Ends our side.</summary>
    public static void EndSending(Descriptor socket) => Shutdown(socket, ShutWrite);

    /// <summary>Lets the closing of a socket be a reset.</summary>
    public static void ResetOnClose(Descriptor socket)
    {
        // Lingering for no time at all is how the sockets API spells a reset.
        var linger = stackalloc int[] { 1, 0 };
        SetOption(socket, SocketLevel, LingerOption, linger, 2 * sizeof(int));
    }

    /// <summary>Takes the next connection of a socket that listens, and does not block.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="SocketException">It can't be had.</exception>
    /// <exception cref="ObjectDisposedException">The socket has been closed.</exception>
    public static bool TryAccept(SafeHandle listening, out AcceptedSocket accepted)
    {
        var address = stackalloc byte[MaxAddressLength];
        var length = MaxAddressLength;
        var descriptor = Accept(listening, address, &length, NonBlocking | CloseOnExec);
        if (descriptor >= 0)
        {
            accepted = new AcceptedSocket(new Descriptor(descriptor), EndPointOf(new ReadOnlySpan<byte>(address, length)));
            return true;
        }

        accepted = default;
        var error = Marshal.GetLastPInvokeError();
        return error == DescriptorFailure.WouldBlock ? false : throw new SocketException((int)DescriptorFailure.OfAccepting(error), new Win32Exception(error).Message);
    }

    /// <summary>Where our end of a connection is, null if the system does not know any more.</summary>
    public static EndPoint? LocalEndPointOf(Descriptor socket)
    {
        var address = stackalloc byte[MaxAddressLength];
        var length = MaxAddressLength;
        return GetName(socket, address, &length) == 0 ? EndPointOf(new ReadOnlySpan<byte>(address, length)) : null;
    }

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(nint descriptor);

    // The calls that are made for each message are in methods of their own, outside any try: there they are compiled without a stub between. And only for an
    // error the system is asked for its number, which the runtime preserves up to here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Receive(int descriptor, byte* bytes, int length, out int error)
    {
        var count = (int)SystemCall(ReceiveNumber, descriptor, bytes, length, DontWait, 0, 0);
        error = count < 0 ? Marshal.GetLastSystemError() : 0;
        return count;
    }

    private static int SendBytes(int descriptor, ReadOnlySpan<byte> bytes, int flags, out int error)
    {
        fixed (byte* first = bytes)
        {
            return Send(descriptor, first, bytes.Length, flags, out error);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Send(int descriptor, byte* bytes, int length, int flags, out int error)
    {
        var count = (int)SystemCall(SendNumber, descriptor, bytes, length, flags, 0, 0);
        error = count < 0 ? Marshal.GetLastSystemError() : 0;
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Send(int descriptor, Message* message, int flags, out int error)
    {
        var count = (int)SystemCall(SendMessageNumber, descriptor, message, flags, 0, 0, 0);
        error = count < 0 ? Marshal.GetLastSystemError() : 0;
        return count;
    }

    private static int SendPieces(int descriptor, BufferSegment? segment, in ReadOnlySequence<byte> behind, int flags, out int error)
    {
        var position = behind.Start;
        var (piece1, piece2) = (NextPiece(ref segment, behind, ref position), NextPiece(ref segment, behind, ref position));
        var (piece3, piece4) = (NextPiece(ref segment, behind, ref position), NextPiece(ref segment, behind, ref position));
        fixed (byte* bytes1 = piece1.Span, bytes2 = piece2.Span, bytes3 = piece3.Span, bytes4 = piece4.Span)
        {
            var vectors = stackalloc Vector[MaxVectors]
            {
                new(bytes1, piece1.Length), new(bytes2, piece2.Length), new(bytes3, piece3.Length), new(bytes4, piece4.Length),
            };
            var count = piece3.IsEmpty ? 2 : piece4.IsEmpty ? 3 : MaxVectors;
            var message = new Message { Vectors = vectors, VectorCount = (nuint)count };
            return Send(descriptor, &message, flags, out error);
        }
    }

    /// <summary>The piece that comes next: one of the segments, then one of what is behind them, then none.</summary>
    private static ReadOnlyMemory<byte> NextPiece(ref BufferSegment? segment, in ReadOnlySequence<byte> behind, ref SequencePosition position)
    {
        if (segment is not null)
        {
            var unconsumed = segment.Unconsumed;
            segment = segment.Next;
            return unconsumed;
        }

        return behind.TryGet(ref position, out var piece) ? piece : default;
    }

    private static EndPoint? EndPointOf(ReadOnlySpan<byte> address) => MemoryMarshal.Read<ushort>(address) switch
    {
        InternetFamily => new IPEndPoint(new IPAddress(address.Slice(4, 4)), PortOf(address)),
        InternetV6Family => new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), PortOf(address)),
        UnixFamily => UnixEndPointOf(address),
        _ => null,
    };

    private static int PortOf(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[2..]);

    // Who connects to a Unix socket mostly has no name of its own, and then there is nothing but the family.
    private static EndPoint UnixEndPointOf(ReadOnlySpan<byte> address)
    {
        var copy = new SocketAddress(AddressFamily.Unix, address.Length);
        address.CopyTo(copy.Buffer.Span);
        return UnixPrototype.Create(copy);
    }

    private static Descriptor Checked(int descriptor)
        => descriptor >= 0 ? new Descriptor(descriptor) : throw new IOException($"An event loop can't begin: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(Descriptor epoll, int operation, SafeHandle watched, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int EpollWait(Descriptor epoll, byte* events, int count, int timeout);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(Descriptor descriptor, void* bytes, nuint count);

    // Not recv and its siblings, which allow for the cancellation of threads at each call: nobody cancels ours.
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint descriptor, void* second, nint third, nint fourth, nint fifth, nint sixth);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept(SafeHandle listening, byte* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(Descriptor socket, int how);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOption(Descriptor socket, int level, int option, void* value, int length);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int GetName(Descriptor socket, byte* address, int* length);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Vector(byte* bytes, int length)
    {
        public readonly byte* Bytes = bytes;
        public readonly nuint Length = (nuint)length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
