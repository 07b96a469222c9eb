// RawWs inside Kestrel: ASP.NET Core answers HTTP on one port, and hands the connections of another to RawWs. POST what is to be said to /announcements.
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawWs;
using RawWs.Samples;

var port = args is [var number] ? ushort.Parse(number, CultureInfo.InvariantCulture) : 3000;
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);

builder.Services.AddRawWs(server => server
    .Configure(options => options.AllowNoEndPoints = true)    // Kestrel accepts for it.
    .Map("/echo", async (connection, cancellationToken) =>
    {
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            await connection.SendAsync(message, cancellationToken);
    }));
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseConnectionHandler<WebSocketHandler>());
    kestrel.Listen(IPAddress.Loopback, port == 0 ? 0 : port + 1);
});

await using var app = builder.Build();
app.MapPost("/announcements", async (Stream body, WebSocketServer server) =>
{
    using var reader = new StreamReader(body);
    server.Everyone.Broadcast(await reader.ReadToEndAsync());
    return Results.NoContent();
});

await app.StartAsync();
var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList(); // Kestrel has it.
Console.WriteLine($"Echo at {addresses[0].Replace("http://", "ws://", StringComparison.Ordinal)}/echo and HTTP at {addresses[1]} (Ctrl+C stops it)");
await app.WaitForShutdownAsync();
