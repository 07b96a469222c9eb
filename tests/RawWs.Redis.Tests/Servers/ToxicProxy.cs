using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace RawWs.Redis.Tests.Servers;

/// <summary>A network between a client and a server that can be cut in several ways. It listens on a port of the kernel's choice on loopback, and keeps it, whatever becomes of the server.</summary>
internal sealed class ToxicProxy : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _clients = [];
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private TaskCompletionSource _passable = Passable();
    private EndPoint _target;
    private bool _isRefusing;

    /// <param name="target">The server.</param>
    /// <param name="certificate">With which TLS is spoken with clients; null for none.</param>
    public ToxicProxy(EndPoint target, X509Certificate2? certificate = null)
    {
        (_target, _certificate) = (target, certificate);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port; // It is bound.

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>How many connections there have been.</summary>
    public int ConnectionCount { get; private set; }

    /// <summary>Where new connections lead from now on, as with an address that follows the primary. Those that there are stay where they are.</summary>
    public void LeadTo(EndPoint target)
    {
        lock (_gate)
        {
            _target = target;
        }
    }

    /// <summary>Nothing passes any more in either direction, and nobody is told: what a cut cable looks like from both ends.</summary>
    public void Stall()
    {
        lock (_gate)
        {
            _passable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Everything passes again.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _isRefusing = false;
            _passable.TrySetResult();
        }
    }

    /// <summary>Resets all connections, and every new one until <see cref="Resume"/>.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _isRefusing = true;
        }

        Reset();
    }

    /// <summary>Resets all connections.</summary>
    public void Reset()
    {
        Socket[] clients;
        lock (_gate)
        {
            clients = [.. _clients];
        }

        foreach (var client in clients)
            client.Close(timeout: 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        Resume();
        Reset();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stopping.Token);
                bool isRefused;
                EndPoint target;
                lock (_gate)
                {
                    (isRefused, target) = (_isRefusing, _target);
                    ConnectionCount++;
                    _clients.Add(client);
                }

                if (isRefused)
                    client.Close(timeout: 0);
                else
                    _ = CarryAsync(client, target);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is disposed.
        }
    }

    private async Task CarryAsync(Socket client, EndPoint target)
    {
        using var server = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            try
            {
                await server.ConnectAsync(target, _stopping.Token);
                await using var serverStream = new NetworkStream(server);
                await using var clientStream = await SecureAsync(new NetworkStream(client));
                await Task.WhenAny(PassAsync(clientStream, serverStream), PassAsync(serverStream, clientStream));

                // The end of one side is the other's, unless the cable is cut.
                await PassableAsync();
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The server is not there, or the client has gone.
            }
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream stream)
    {
        if (_certificate is null)
            return stream;

        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stopping.Token);
        return tls;
    }

    private async Task PassAsync(Stream from, Stream to)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReadAsync(buffer, _stopping.Token) is var length and > 0)
            {
                await PassableAsync();
                await to.WriteAsync(buffer.AsMemory(0, length), _stopping.Token);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has ended.
        }
    }

    private Task PassableAsync()
    {
        lock (_gate)
        {
            return _passable.Task.WaitAsync(_stopping.Token);
        }
    }

    private static TaskCompletionSource Passable()
    {
        var passable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        passable.SetResult();
        return passable;
    }
}
