using System.Net;
using System.Net.Sockets;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>What a listener lets go of, which only the descriptors of the whole process show.</summary>
[Collection(AloneCollection.Name)]
public sealed class ListenerClosingTests
{
    [Fact]
    public async Task A_listener_whose_closing_fails_has_let_go_of_its_socket_and_its_reserve()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a folder with the descriptors.");
        var before = CountReserves();
        var listener = new FailingListener(ListeningSocket.Open(new IPEndPoint(IPAddress.Loopback, 0), backlog: 16));

        await Assert.ThrowsAsync<InvalidOperationException>(() => listener.DisposeAsync().AsTask());

        // What other tests have left behind may go at any moment.
        Assert.InRange(CountReserves(), 0, before);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(listener.EndPoint));
    }

    private static int CountReserves() => Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == "/dev/null");

    private sealed class FailingListener(ListeningSocket listening) : TransportListener<Socket>(listening, new SocketTransportOptions(Backlog: 16, TimeSpan.Zero), TimeProvider.System)
    {
        protected override ValueTask<Socket> AcceptSocketAsync(CancellationToken stopping) => throw new NotSupportedException();

        protected override nint NumberOf(Socket accepted) => throw new NotSupportedException();

        protected override void ResetOnClose(Socket accepted) => throw new NotSupportedException();

        protected override TransportConnection TakeOver(Socket accepted) => throw new NotSupportedException();

        protected override void BeforeClosing() => throw new InvalidOperationException("It can't be closed.");
    }
}
