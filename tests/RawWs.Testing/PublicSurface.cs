using System.Reflection;
using System.Text;

namespace RawWs.Testing;

/// <summary>The public surface of a library as text, which lies in git beside it, so that a change of the API is a diff that somebody reads.</summary>
public static class PublicSurface
{
    /// <summary>The surface of an assembly, and what the file <c>PublicApi.txt</c> of its project says. To take a change over: <c>RAWWS_UPDATE_PUBLIC_API=1 dotnet test</c>.</summary>
    public static (string Expected, string Actual) Compare(Assembly assembly, string project)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var file = Path.Combine(RepositoryRoot.Path, "src", project, "PublicApi.txt");
        var actual = Describe(assembly);
        if (Environment.GetEnvironmentVariable("RAWWS_UPDATE_PUBLIC_API") == "1")
            File.WriteAllText(file, actual);

        return (File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Describe(type)).Append('\n');
            foreach (var line in MembersOf(type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Describe(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            _ => type.IsSealed ? "sealed class" : "class",
        };
        return $"{kind} {type.FullName}{(type.BaseType is { } parent && parent != typeof(object) && !type.IsEnum ? $" : {NameOf(parent)}" : "")}";
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)}");

        var constructors = type.GetConstructors(Declared).Where(IsVisible).Select(constructor => $"new({ParametersOf(constructor)})");
        var methods = type.GetMethods(Declared)
            .Where(method => IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)))
            .Select(method => $"{(method.IsStatic ? "static " : "")}{NameOf(method.ReturnType)} {method.Name}({ParametersOf(method)})");
        var properties = type.GetProperties(Declared)
            .Where(property => property.GetAccessors(nonPublic: true).Any(IsVisible))
            .Select(property => $"{(property.GetAccessors(true)[0].IsStatic ? "static " : "")}{NameOf(property.PropertyType)} {property.Name} {{ {AccessorsOf(property)}}}");
        var fields = type.GetFields(Declared)
            .Where(field => field.IsPublic || field.IsFamily)
            .Select(field => $"{NameOf(field.FieldType)} {field.Name}");

        var events = type.GetEvents(Declared)
            .Where(handlers => handlers.AddMethod is { } add && IsVisible(add))
            .Select(handlers => $"event {NameOf(handlers.EventHandlerType!)} {handlers.Name}"); // Only broken metadata has none.

        return constructors.Concat(events).Concat(methods).Concat(properties).Concat(fields);
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string AccessorsOf(PropertyInfo property)
    {
        var getter = property.GetMethod is { } get && IsVisible(get) ? "get; " : "";
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") ?? false;
        return getter + (property.SetMethod is { } set && IsVisible(set) ? isInit ? "init; " : "set; " : "");
    }

    private static string ParametersOf(MethodBase method)
        => string.Join(", ", method.GetParameters().Select(parameter => $"{NameOf(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + (parameter.DefaultValue ?? "default") : "")}"));

    private static string NameOf(Type type)
        => type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : type.IsArray ? NameOf(type.GetElementType()!) + "[]" : type.Name;
}
