// An echo over TLS: wss://. With 'rawws dev-cert' there is something to try it with; say its files' names and a port above 1023 here.
using System.Net;
using RawWs;

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stopping.Cancel(); };

await using var server = new WebSocketServer(new()
{
    EndPoints = [new IPEndPoint(IPAddress.Any, 443)],
    Tls = new TlsOptions { Certificates = [TlsCertificate.FromPemFiles("fullchain.pem", "privkey.pem")] },
});

await server.RunAsync(async (connection, cancellationToken) =>
{
    Console.WriteLine($"{connection.Tls?.Protocol}, {connection.Tls?.CipherSuite}");
    await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        await connection.SendAsync(message, cancellationToken);
}, stopping.Token);
