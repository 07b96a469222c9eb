// A chat in the generic host: options from configuration (--RawWs:EndPoints=127.0.0.1:8080), a session with injected dependencies, health, and a graceful stop.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawWs;
using RawWs.Samples;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Logging.SetMinimumLevel(LogLevel.Warning);

builder.Services.AddSingleton<Moderator>();
builder.Services.AddHealthChecks().AddRawWs();
builder.Services.AddRawWs(builder.Configuration.GetSection("RawWs"), server => server
    .Configure(options => options.MaxMessageSize = 4 * 1024)
    .MapSession<ChatSession>("/chat/*")
    .DrainWith(new DrainOptions { CloseCode = CloseCode.ServiceRestart, Window = TimeSpan.FromSeconds(5) }));

using var host = builder.Build();
await host.StartAsync();
Console.WriteLine($"Chat at ws://{host.Services.GetRequiredService<WebSocketServer>().EndPoints[0]}/chat/lobby (Ctrl+C stops it)");
await host.WaitForShutdownAsync();
