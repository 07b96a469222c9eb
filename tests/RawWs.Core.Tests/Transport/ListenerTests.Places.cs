using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

// Addresses that can't be listened on, sockets that somebody else has opened, and the files of Unix sockets.
public abstract partial class ListenerTests
{
    [Theory]
    [InlineData("::ffff:127.0.0.1", "it is an IPv4 address written as one of IPv6; write 127.0.0.1.")]
    [InlineData("fe80::1", "a link-local address says of which network interface it is, as in fe80::1%eth0.")]
    public void An_address_that_lacks_something_is_refused_with_what_to_write(string address, string advice)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Socket.OSSupportsIPv6, "Systems differ in what they refuse.");

        var error = Assert.Throws<IOException>(() => Listen(new IPEndPoint(IPAddress.Parse(address), 0)));

        Assert.Equal($"Cannot listen on [{address}]:0: {advice}", error.Message);
    }

    [Fact]
    public void A_number_that_is_not_open_is_refused_and_whoever_gets_it_next_keeps_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no descriptors.");
        var number = Descriptors.NextFreeNumber();
        AssertIsRefused(number);

        using var other = File.OpenHandle("/dev/null");
        Descriptors.DuplicateTo(number, other);
        FinalizeAll();

        Assert.True(Descriptors.IsOpen(number));
        Assert.Equal(0, Descriptors.Close(number));
    }

    // Who has mistaken a number hands over what belongs to somebody else, and be it to the runtime.
    [Theory]
    [InlineData("file")]
    [InlineData("datagrams")]
    [InlineData("bound")]
    [InlineData("connected")]
    public async Task What_is_no_stream_socket_that_listens_is_refused_and_stays_whosever_it_is(string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no descriptors.");
        using var pair = await SocketPair.ConnectAsync();
        using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var file = File.OpenHandle("/dev/null");
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var number = kind switch
        {
            "file" => Descriptors.Duplicate(file),
            "datagrams" => Descriptors.Duplicate(datagrams.SafeHandle),
            "bound" => Descriptors.Duplicate(bound.SafeHandle),
            _ => Descriptors.Duplicate(pair.Server.SafeHandle),
        };

        AssertIsRefused(number);
        FinalizeAll();

        Assert.True(Descriptors.IsOpen(number));
        Assert.Equal(0, Descriptors.Close(number));
        await pair.Client.SendAsync("still here"u8.ToArray());
        var received = new byte[16];
        Assert.True(pair.Server.Poll(SocketPair.LongestWait, SelectMode.SelectRead));
        Assert.Equal("still here"u8, received.AsSpan(0, pair.Server.Receive(received)));
    }

    // A path can be given away while somebody still listens behind it: then the file there is the next one's.
    [Fact]
    public async Task Disposing_leaves_the_file_of_whoever_came_after()
    {
        using var folder = new TemporaryFolder();
        var place = new UnixDomainSocketEndPoint(folder.PathOf("socket"));
        var before = Listen(place);
        File.Delete(place.ToString());
        await using var after = Listen(place);

        await before.DisposeAsync();

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(place);
        await using var connection = await AcceptAsync(after);
        await AssertCarriesAsync(client, connection);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("file")]
    [InlineData("folder")]
    public async Task Disposing_leaves_whatever_else_is_where_its_file_was(string put)
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("socket");
        var listener = Listen(new UnixDomainSocketEndPoint(path));
        File.Delete(path);
        if (put == "file")
            await File.WriteAllTextAsync(path, "precious");
        else if (put == "folder")
            Directory.CreateDirectory(path);

        await listener.DisposeAsync();

        Assert.Equal((put == "file", put == "folder"), (File.Exists(path), Directory.Exists(path)));
    }

    // A process that hangs accepts nobody, and whoever connects to it waits in line for as long as there is one.
    [Fact]
    public async Task Somebody_whose_line_is_full_is_in_the_place_all_the_same_and_nobody_waits_for_him()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a line that is full can't be told from nobody.");
        using var folder = new TemporaryFolder();
        var place = new UnixDomainSocketEndPoint(folder.PathOf("socket"));
        using var hanging = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hanging.Bind(place);
        hanging.Listen(1);
        var line = new List<Socket>();
        while (TryConnect())
        {
        }

        var error = await Assert.ThrowsAsync<IOException>(() => Task.Run(() => Listen(place)).WaitAsync(SocketPair.LongestWait));

        Assert.Contains("another program listens there", error.Message, StringComparison.Ordinal);
        line.ForEach(client => client.Dispose());

        bool TryConnect()
        {
            line.Add(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false });
            try
            {
                line[^1].Connect(place);
                return true;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
            {
                return false;
            }
        }
    }

    // A handle that nobody has any more would close the number at some later time.
    private static void FinalizeAll()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    // Where it returns nothing of what it made is in use.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AssertIsRefused(int number)
        => Assert.StartsWith($"Cannot listen on descriptor {number}: ", Assert.Throws<IOException>(() => Listen(new InheritedEndPoint(number))).Message, StringComparison.Ordinal);
}
